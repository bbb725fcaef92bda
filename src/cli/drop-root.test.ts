import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineLog } from '../testing/line-log.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { findAccount, isMapped } from './drop-root.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const passwd = 'root:x:0:0::/root:/bin/sh\nmesh:x:990:991::/:/usr/sbin/nologin\n'

describe('whom the agent becomes', () => {
  it('is found by name and by number', () => {
    assert.deepEqual(findAccount('mesh', passwd), { uid: 990, gid: 991 })
    assert.deepEqual(findAccount('990', passwd), { uid: 990, gid: 991 })
    assert.deepEqual(findAccount('1234', passwd), { uid: 1_234, gid: 1_234 })
  })

  it("is Istio's proxy user where nobody made one", () => {
    assert.deepEqual(findAccount('meshdns', passwd), { uid: 1_337, gid: 1_337 })
    const controller = { uid: 1_338, gid: 1_338 }
    assert.deepEqual(findAccount('meshdns-controller', passwd), controller)
  })

  it('must exist when it was named', () => {
    assert.equal(findAccount('nobody-here', passwd), undefined)
  })

  it('must exist in our user namespace', () => {
    assert.equal(isMapped(1_337, '         0          0 4294967295\n'), true)
    assert.equal(isMapped(1_337, '         0       1000          1\n'), false)
  })
})

/** Words that start an agent which listens where nobody else does, behind words of `unshare`. */
async function agentWords(t: TestContext): Promise<readonly string[]> {
  const folder = await temporaryFolder(t)
  const options = ['--listen', '127.0.0.1:15053', '--state-folder', join(folder, 'state')]
  return [process.execPath, main, 'agent', ...options]
}

function whyNot(words: readonly string[]): string | false {
  const { status, error, stderr } = spawnSync('unshare', [...words, 'true'], { encoding: 'utf8' })
  return status === 0 ? false : `no namespaces are to be had: ${error?.message ?? stderr}`
}

describe('an agent that root starts', () => {
  it('stays root where there are no other users, and says so', async (t) => {
    const apart = ['--user', '--map-root-user', '--net', '--']
    const reason = whyNot(apart)
    if (reason !== false) return t.skip(reason)
    const withLoopback = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
    const child = spawn('unshare', [...apart, ...withLoopback, ...(await agentWords(t))])
    const log = new LineLog(child.stdout)
    const line = await log.line(/"stays root"/)
    assert.match(line, /"level":"warn".*this user namespace has no user 1337 /)
    await log.line(/"answering"/)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  it('does not stay root because a program is missing', async (t) => {
    const setpriv = '/usr/bin/setpriv'
    if (process.getuid?.() !== 0 || !existsSync(setpriv)) return t.skip(`needs root and ${setpriv}`)
    const hide = `mount --bind /dev/null ${setpriv} && exec "$@"`
    const apart = ['--mount', '--net', '--']
    const reason = whyNot(apart)
    if (reason !== false) return t.skip(reason)
    const words = [...apart, 'sh', '-c', hide, 'sh', ...(await agentWords(t))]
    const { status, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
    assert.match(stderr, /^error\[CLI_ROOT_KEPT\]: root cannot become meshdns: setpriv is not/)
    assert.match(stderr, /\nhint: .*util-linux.*--run-as root\.\n$/)
    assert.equal(status, 1)
  })
})
