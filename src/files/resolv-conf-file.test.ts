import assert from 'node:assert/strict'
import { mkdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { startResolvConfFile } from './resolv-conf-file.ts'

describe('ResolvConfFile', () => {
  it('gives what the file says at once, and again after it was written in place', async (test) => {
    const path = join(await temporaryFolder(test), 'resolv.conf')
    await writeFile(path, 'nameserver 192.0.2.1\n')
    const { servers } = await start(test, path)
    assert.deepEqual(servers, ['192.0.2.1'])
    await writeFile(path, 'nameserver 192.0.2.2\n')
    await until(() => servers.at(-1) === '192.0.2.2')
  })

  it('follows a file that is replaced by a rename', async (test) => {
    const path = join(await temporaryFolder(test), 'resolv.conf')
    await writeFile(path, 'nameserver 192.0.2.1\n')
    const { servers } = await start(test, path)
    for (const last of [2, 3]) {
      await writeAtomically(path, `nameserver 192.0.2.${last}\n`)
      await until(() => servers.at(-1) === `192.0.2.${last}`)
    }
  })

  it('follows a link to a file elsewhere: the file, and the link', async (test) => {
    const folder = await temporaryFolder(test)
    const path = join(folder, 'etc/resolv.conf')
    await mkdir(join(folder, 'etc'))
    await mkdir(join(folder, 'run/resolve'), { recursive: true })
    const stub = join(folder, 'run/resolve/stub.conf')
    await writeFile(stub, 'nameserver 127.0.0.53\n')
    await symlink('../run/resolve/stub.conf', path)
    const { servers } = await start(test, path)
    await writeAtomically(stub, 'nameserver 192.0.2.1\n')
    await until(() => servers.at(-1) === '192.0.2.1')
    await unlink(path)
    await writeFile(path, 'nameserver 192.0.2.9\n')
    await until(() => servers.at(-1) === '192.0.2.9')
  })

  it('keeps what it read last when the file goes, and says so until it is back', async (test) => {
    const path = join(await temporaryFolder(test), 'resolv.conf')
    await writeFile(path, 'nameserver 192.0.2.1\n')
    const { file, servers, health } = await start(test, path)
    await unlink(path)
    await until(() => health.items()[0]?.code === 'RESOLV_CONF_UNREADABLE')
    assert.equal(file.current().nameservers[0]?.address, '192.0.2.1')
    await writeAtomically(path, 'nameserver 192.0.2.2\n')
    await until(() => servers.at(-1) === '192.0.2.2')
    assert.deepEqual(health.items(), [])
    assert.equal(servers.length, 2)
  })

  it('starts without a file, as if it were empty, and takes it when it is there', async (test) => {
    const path = join(await temporaryFolder(test), 'later/resolv.conf')
    const { servers, health } = await start(test, path)
    assert.deepEqual(servers, ['127.0.0.1'])
    assert.equal(health.items()[0]?.code, 'RESOLV_CONF_UNREADABLE')
    await mkdir(join(path, '..'))
    await writeFile(path, 'nameserver 192.0.2.1\n')
    await until(() => servers.at(-1) === '192.0.2.1')
  })

  it('calls nobody back when it is written anew with the same content', async (test) => {
    const path = join(await temporaryFolder(test), 'resolv.conf')
    await writeFile(path, 'nameserver 192.0.2.1\n')
    const { file, servers } = await start(test, path)
    await writeAtomically(path, 'nameserver 192.0.2.1\n')
    await file.reload()
    assert.deepEqual(servers, ['192.0.2.1'])
  })

  it('is silent once it was stopped', async (test) => {
    const path = join(await temporaryFolder(test), 'resolv.conf')
    await writeFile(path, 'nameserver 192.0.2.1\n')
    const { file, servers } = await start(test, path)
    await file.stop()
    await writeFile(path, 'nameserver 192.0.2.2\n')
    await file.reload()
    assert.deepEqual(servers, ['192.0.2.1'])
  })
})

async function start(test: TestContext, path: string) {
  const health = new Health()
  const ports = { clock: systemClock, health, log: silentLog }
  const file = await startResolvConfFile(path, ports, { settleMs: 5, pollMs: 3_600_000 })
  test.after(() => file.stop())
  const servers: (string | undefined)[] = []
  file.follow((conf) => servers.push(conf.nameservers[0]?.address))
  return { file, health, servers }
}
