import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { privateNetworksSkip } from '../../testing/private-network.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Without curl the demo has a client of its own. */
const hideCurl = 'mount --bind /dev/null "$(command -v curl)" || true; exec "$@"'

/** What it makes inside of its network, and must not make outside. */
function tracesOfDemo() {
  const { stdout } = spawnSync('ip', ['-brief', 'link'], { encoding: 'utf8' })
  const links = stdout.split('\n').filter((line) => /^(br0|vm\d|controller)\b/.test(line))
  return { links, folders: ['/usr/lib/meshdns', '/etc/meshdns', '/media/vm1'].filter(existsSync) }
}

function demoMesh(...before: readonly string[]) {
  const argv: readonly string[] = [...before, process.execPath, main, 'demo', 'mesh']
  const [program = '', ...words] = argv
  return spawnSync(program, words, { encoding: 'utf8', timeout: 300_000 })
}

describe('meshdns demo mesh', { skip: privateNetworksSkip(), timeout: 900_000 }, () => {
  const before = tracesOfDemo()
  const { status, stdout, stderr } = demoMesh()

  it('finds everything as it should be', () => {
    assert.deepEqual([status, stderr], [0, ''], stdout)
  })

  it('has both machines try the same virtual address, with and without a controller', () => {
    const tried = stdout.match(/^vm\d# curl .*\n\*\s+Trying 240\.240\.0\.1:80/gm)
    assert.equal(tried?.length, 4, stdout)
  })

  it('says when each machine had a change', () => {
    for (const address of ['198.51.100.2', '198.51.100.1']) {
      for (const name of ['vm1', 'vm2']) {
        assert.ok(stdout.includes(`=> ${name}: address.internal is ${address}, `), stdout)
      }
    }
  })

  it('asks no server for a name of the mesh', () => {
    assert.match(stdout, /asked for nothing but: www\.outside\.example\n/)
  })

  it('leaves nothing behind', () => {
    const after = tracesOfDemo()
    assert.deepEqual(after, before)
  })

  it('needs no curl', () => {
    const apart = [
      'unshare',
      '--user',
      '--map-root-user',
      '--mount',
      '--',
      'sh',
      '-c',
      hideCurl,
      'sh',
    ]
    const { status, stdout, stderr } = demoMesh(...apart)
    assert.equal(status, 0, stdout + stderr)
    assert.match(
      stdout,
      /^vm1# meshdns-client http:\/\/auto\.internal\n\*\s+Trying 240\.240\.0\.1:80/m,
    )
  })
})
