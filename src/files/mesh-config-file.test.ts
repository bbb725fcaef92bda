import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { startMeshConfigFile } from './mesh-config-file.ts'

function createPorts() {
  return { clock: systemClock, log: silentLog, health: new Health() }
}

describe('MeshConfigFile', () => {
  it('holds the defaults where there is no file', async () => {
    const file = await startMeshConfigFile('', createPorts())
    await file.reload()
    assert.equal(file.current().mesh.rootNamespace, 'istio-system')
    await file.stop()
  })

  it('refuses to start with a file that cannot be used', async (test) => {
    const path = join(await temporaryFolder(test), 'mesh.yaml')
    const refused = { code: 'MESH_CONFIG_REFUSED' }
    await assert.rejects(startMeshConfigFile(path, createPorts()), refused)
    await writeFile(path, 'trustDomain: [\n')
    await assert.rejects(startMeshConfigFile(path, createPorts()), refused)
  })

  it('follows the file, and keeps what was good', async (test) => {
    const path = join(await temporaryFolder(test), 'mesh.yaml')
    await writeFile(path, 'rootNamespace: one\n')
    const ports = createPorts()
    const file = await startMeshConfigFile(path, ports, { settleMs: 1 })
    test.after(() => file.stop())
    const seen: string[] = []
    file.follow(({ mesh }) => seen.push(mesh.rootNamespace))
    assert.equal(file.current().mesh.rootNamespace, 'one')
    await writeAtomically(path, 'rootNamespace: two\n')
    await until(() => seen.length === 1)
    await writeAtomically(path, 'rootNamespace: 7\n')
    await until(() => ports.health.items().length === 1)
    assert.equal(ports.health.items()[0]?.code, 'MESH_CONFIG_REFUSED')
    assert.equal(file.current().mesh.rootNamespace, 'two')
    await writeAtomically(path, 'rootNamespace: three\n')
    await until(() => ports.health.items().length === 0 && seen.length === 2)
    assert.deepEqual(seen, ['two', 'three'])
  })
})
