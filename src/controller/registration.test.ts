import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { status } from '@grpc/grpc-js'
import { ipFromOctets } from '../ip/address.ts'
import { WorkloadStatus } from '../rpc/gen/istio/workload/workload_pb.js'
import { type DeltaClient, openDeltaClient } from '../testing/delta-client.ts'
import { machineCredentials } from '../testing/machine-credentials.ts'
import { startTestController } from '../testing/start-test-controller.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { workloadEntryFolder } from './files/open-files-store.ts'
import type { Controller } from './start-controller.ts'

const objects = `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: vms, namespace: shop }
spec:
  metadata: { labels: { app: ratings } }
  template: { serviceAccount: ratings, ports: { http: 8080 } }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  workloadSelector: { labels: { app: ratings } }
`

const account = { namespace: 'shop', serviceAccount: 'ratings' }

interface Rig {
  readonly controller: Controller
  readonly stateFolder: string
  readonly folder: string
}

async function start(test: TestContext, graceMs = 60_000, before?: Rig): Promise<Rig> {
  const stateFolder = before?.stateFolder ?? (await temporaryFolder(test))
  const folder = before?.folder ?? (await temporaryFolder(test))
  await writeFile(join(folder, 'objects.yaml'), objects)
  const options = { sources: [folder], stateFolder, registration: { graceMs } }
  return { controller: await startTestController(test, options), stateFolder, folder }
}

async function connectMachine(
  test: TestContext,
  { controller, stateFolder }: Rig,
  metadata: Readonly<Record<string, string>> = {},
): Promise<DeltaClient> {
  const [where] = controller.addresses().tls
  assert.ok(where)
  return openDeltaClient(test, where, {
    ...(await machineCredentials(stateFolder, account)),
    node: {
      id: 'sidecar~10.0.0.7~vm.shop~shop.svc.cluster.local',
      metadata: { NAMESPACE: 'shop', AUTO_REGISTER_GROUP: 'vms', ...metadata },
    },
  })
}

/** Whether a client sees the machine, and as what. */
function machineOf(client: DeltaClient): 'healthy' | 'unhealthy' | undefined {
  for (const { type } of client.addresses.values()) {
    if (type.case !== 'workload') continue
    if (!type.value.addresses.some((octets) => ipFromOctets(octets) === '10.0.0.7')) continue
    return type.value.status === WorkloadStatus.HEALTHY ? 'healthy' : 'unhealthy'
  }
  return undefined
}

function watch(test: TestContext, { controller }: Rig): DeltaClient {
  const [where] = controller.addresses().plaintext
  assert.ok(where)
  return openDeltaClient(test, where)
}

async function entriesOf({ stateFolder }: Rig): Promise<readonly string[]> {
  const found = await readdir(workloadEntryFolder(stateFolder), { recursive: true })
  return found.filter((file) => file.endsWith('.yaml'))
}

describe('a machine that registers by connecting', () => {
  it('becomes an endpoint, by the health that it reports, until it is gone for too long', async (test) => {
    const rig = await start(test, 100)
    const others = watch(test, rig)
    const machine = await connectMachine(test, rig)
    await until(() => machineOf(others) === 'healthy')
    assert.deepEqual(await entriesOf(rig), ['shop/vms-10.0.0.7.yaml'])
    machine.reportHealth(false, 'status 500')
    await until(() => machineOf(others) !== 'healthy')
    machine.reportHealth(true)
    await until(() => machineOf(others) === 'healthy')
    machine.close()
    await until(() => machineOf(others) === undefined)
    assert.deepEqual(await entriesOf(rig), [])
  })

  it('stays an endpoint when the controller is stopped and started again', async (test) => {
    const rig = await start(test, 60_000)
    const machine = await connectMachine(test, rig)
    const others = watch(test, rig)
    await until(() => machineOf(others) === 'healthy')
    machine.reportHealth(false, 'not now')
    await until(() => machineOf(others) !== 'healthy')
    await rig.controller.stop()
    const again = await start(test, 60_000, rig)
    const file = join(workloadEntryFolder(rig.stateFolder), 'shop', 'vms-10.0.0.7.yaml')
    assert.doesNotMatch(await readFile(file, 'utf8'), /disconnectedAt/)
    const later = watch(test, again)
    const back = await connectMachine(test, again)
    await until(() => back.responses > 0 && later.responses > 0)
    assert.notEqual(machineOf(later), 'healthy')
    back.reportHealth(true)
    await until(() => machineOf(later) === 'healthy')
  })

  const refused: readonly {
    readonly name: string
    readonly metadata: Readonly<Record<string, string>>
    readonly code: status
    readonly details: RegExp
  }[] = [
    {
      name: 'to a group that is not there',
      metadata: { AUTO_REGISTER_GROUP: 'nobody' },
      code: status.FAILED_PRECONDITION,
      details: /there is no WorkloadGroup "nobody" in namespace "shop"/,
    },
    {
      name: 'out of the folder of entries',
      metadata: { NETWORK: '/../../../../tmp/x' },
      code: status.INVALID_ARGUMENT,
      details: /make no object name/,
    },
    {
      name: 'in a namespace that is not its own',
      metadata: { NAMESPACE: 'bank' },
      code: status.PERMISSION_DENIED,
      details: /bank/,
    },
  ]
  for (const { name, metadata, code, details } of refused) {
    it(`gets not ${name}`, async (test) => {
      const rig = await start(test)
      const machine = await connectMachine(test, rig, metadata)
      await until(() => machine.end !== undefined)
      assert.equal(machine.end?.code, code)
      assert.match(machine.end?.details ?? '', details)
      assert.deepEqual(await entriesOf(rig), [])
    })
  }

  it('gets nothing over plaintext', async (test) => {
    const rig = await start(test)
    const [where] = rig.controller.addresses().plaintext
    assert.ok(where)
    const node = { metadata: { NAMESPACE: 'shop', AUTO_REGISTER_GROUP: 'vms' } }
    const machine = openDeltaClient(test, where, { node })
    await until(() => machine.end !== undefined)
    assert.equal(machine.end?.code, status.PERMISSION_DENIED)
  })
})
