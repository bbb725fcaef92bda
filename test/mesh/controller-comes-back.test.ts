import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Mesh } from '../../src/agent/mesh.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Controller } from '../../src/controller/start-controller.ts'
import { entryYaml } from '../../src/testing/entry-yaml.ts'
import { startTestController } from '../../src/testing/start-test-controller.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsSource } from '../../src/testing/xds-source-rig.ts'
import { controllerReceived } from '../../src/xds/client/meters.ts'

const timeout = 600_000

/** A folder of objects, one host a file. */
async function startObjects(test: TestContext) {
  const folder = await temporaryFolder(test)
  const put = (name: string, address?: string) =>
    writeFile(
      join(folder, `${name}.yaml`),
      entryYaml({ name, hosts: [`${name}.test`], ...(address ? { addresses: [address] } : {}) }),
    )
  return { folder, put, drop: (name: string) => rm(join(folder, `${name}.yaml`)) }
}

function plaintextOf(controller: Controller): string {
  return `127.0.0.1:${controller.addresses().plaintext[0]?.port}`
}

/** An address that leads to a controller, and to another one later; its own port may be somebody else's by then. */
async function startDoor(test: TestContext) {
  let behind: number | undefined
  const server = createServer((client) => {
    if (behind === undefined) return void client.destroy()
    const controller = connect(behind, '127.0.0.1')
    for (const [one, other] of [
      [client, controller],
      [controller, client],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => server.close())
  const leadTo = (controller?: Controller) => {
    behind = controller?.addresses().plaintext[0]?.port
  }
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, leadTo }
}

/** An agent from its stream to its names. */
async function startAgentEnd(test: TestContext, address: string, folder?: string) {
  const rig = await startXdsSource(test, {
    addresses: [address],
    ports: { clock: systemClock },
    ...(folder === undefined ? {} : { folder }),
  })
  const mesh = new Mesh(
    { namespace: 'default', clusterDomain: 'cluster.local' },
    {
      clock: systemClock,
      log: silentLog,
      catalog: rig.source,
      families: () => [4],
      publish: async () => {},
    },
  )
  await mesh.start()
  test.after(() => mesh.stop())
  const names = () =>
    Object.fromEntries([...mesh.records()].map(({ host, addresses }) => [host, addresses.join()]))
  const received = (change: 'put' | 'dropped') => rig.meters.cell(controllerReceived, change).value
  return { ...rig, names, received }
}

describe('an agent and its controller', () => {
  it('have the same names, with every change of a file', { timeout }, async (test) => {
    const objects = await startObjects(test)
    await objects.put('one')
    await objects.put('two', '10.0.0.2')
    const controller = await startTestController(test, { sources: [objects.folder] })
    const agent = await startAgentEnd(test, plaintextOf(controller))
    await until(() => agent.source.state().kind === 'fresh')
    await until(() => Object.keys(agent.names()).length === 2)
    assert.deepEqual(agent.names(), { 'one.test': '240.240.0.1', 'two.test': '10.0.0.2' })
    await objects.put('two', '10.0.0.3')
    await controller.reload()
    await until(() => agent.names()['two.test'] === '10.0.0.3')
    await objects.drop('one')
    await controller.reload()
    await until(() => Object.keys(agent.names()).length === 1)
  })

  it('exchange only what changed while they were apart', { timeout }, async (test) => {
    const objects = await startObjects(test)
    for (let index = 0; index < 20; index += 1)
      await objects.put(`s${index}`, `10.0.0.${index + 1}`)
    const stateFolder = await temporaryFolder(test)
    const sources = [objects.folder]
    const door = await startDoor(test)
    const first = await startTestController(test, { sources, stateFolder })
    door.leadTo(first)
    const agent = await startAgentEnd(test, door.address)
    await until(() => Object.keys(agent.names()).length === 20)
    door.leadTo()
    await first.stop()
    await until(() => agent.source.state().kind === 'stale')
    assert.equal(Object.keys(agent.names()).length, 20)
    await objects.put('s3', '10.0.1.3')
    await objects.drop('s4')
    const [put, dropped] = [agent.received('put'), agent.received('dropped')]
    // One that lost all that it had kept.
    door.leadTo(await startTestController(test, { sources }))
    await until(() => agent.source.state().kind === 'fresh')
    await until(() => Object.keys(agent.names()).length === 19)
    assert.equal(agent.names()['s3.test'], '10.0.1.3')
    // A service and its endpoint are two resources.
    assert.deepEqual([agent.received('put') - put, agent.received('dropped') - dropped], [1, 2])
  })

  it('go on after a restart of the agent where they were', { timeout }, async (test) => {
    const objects = await startObjects(test)
    await objects.put('one')
    await objects.put('two', '10.0.0.2')
    const controller = await startTestController(test, { sources: [objects.folder] })
    const before = await startAgentEnd(test, plaintextOf(controller))
    await until(() => Object.keys(before.names()).length === 2)
    await before.source.stop()
    const after = await startAgentEnd(test, plaintextOf(controller), before.folder)
    assert.deepEqual(after.names(), before.names())
    await until(() => after.source.state().kind === 'fresh')
    assert.deepEqual([after.received('put'), after.received('dropped')], [0, 0])
  })
})
