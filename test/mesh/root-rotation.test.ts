import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from '../network/mesh-entries.ts'
import { type MachineName, MeshOfMachines } from './mesh-of-machines.ts'
import { Prober } from './prober.ts'
import { said } from './said.ts'

const skip = networkTestsSkip()
const machines: readonly MachineName[] = ['vm1', 'vm2']

/** Certificates that are renewed within seconds (they count from a minute before), and tries to connect that are not far apart. */
const hasty = `MESHDNS_IDENTITY_CERTIFICATE_SECONDS='60'
MESHDNS_CONTROLLER_RECONNECT_MAX_MS='400'
`

describe('a rotation of the root', { skip, timeout: 180_000 }, () => {
  let mesh: MeshOfMachines
  let controller: HostProcess
  let probers: readonly Prober[]
  const agents = new Map<MachineName, HostProcess>()
  let places = 0

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-auto.yaml')
    const options = '/etc/meshdns/controller.yaml'
    const text = mesh.controller.root.read(options)
    mesh.controller.root.write(options, `${text}\nidentity:\n  caPollMs: 100\n`)
    controller = await mesh.startController()
    await mesh.createGroup('shop')
    await Promise.all(
      machines.map(async (name) => {
        await mesh.onboard(name, { group: 'shop', sidecar: hasty })
        agents.set(name, await mesh.syncAgent(name))
      }),
    )
    const names = ['auto.internal', 'moved.mesh.test']
    probers = await Promise.all(machines.map((on) => Prober.start(mesh, { on, names })))
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** Waits until each agent has got a certificate that it asked for from now on; none may lose its stream. */
  async function renewed(): Promise<void> {
    for (const { stdout } of agents.values()) stdout.clear()
    // The first may have been asked for before.
    const times = 2
    await Promise.all(
      [...agents.values()].map((agent) => said(agent, /"got a certificate"/, times)),
    )
    for (const { stdout } of agents.values()) {
      assert.doesNotMatch(stdout.text, /"the controller is gone"/)
    }
  }

  /** A change of the controller's files must reach each machine. */
  async function changesArrive(): Promise<void> {
    const address = `10.0.0.${++places}`
    mesh.putObject(
      'moved.yaml',
      entry({ name: 'moved', host: 'moved.mesh.test', addresses: [address] }),
    )
    await Promise.all(probers.map((prober) => prober.finds('moved.mesh.test', address)))
  }

  /** Has each agent connect anew. */
  async function reconnect(): Promise<void> {
    for (const { stdout } of agents.values()) stdout.clear()
    controller.child.kill('SIGTERM')
    assert.equal(await controller.ended, 0)
    controller = await mesh.startController()
    await Promise.all(
      [...agents.values()].map((agent) => said(agent, /"the table is the controller/)),
    )
  }

  it('adds one that machines learn of with their next certificate', async () => {
    await mesh.controller.meshdns('ca', 'root', 'add')
    await said(controller, /"the files of the CA changed"/)
    await renewed()
    await changesArrive()
  })

  it('has it sign, without the end of any stream', async () => {
    controller.stdout.clear()
    await mesh.controller.meshdns('ca', 'root', 'activate')
    await said(controller, /"renewed the certificate of the controller"/)
    await renewed()
    await changesArrive()
  })

  it('lets machines connect again', async () => {
    await reconnect()
    await changesArrive()
  })

  it('ends the trust in the old one, and machines still connect', async () => {
    controller.stdout.clear()
    await mesh.controller.meshdns('ca', 'root', 'retire', '--longest-certificate', '1')
    await said(controller, /"the files of the CA changed"/)
    await reconnect()
    await changesArrive()
  })

  it('costs no answer', async () => {
    for (const prober of probers) {
      await prober.stop()
      console.log(prober.expectNoGap({ 'auto.internal': '240.240.0.1' }))
    }
  })

  it('leaves machines that were onboarded before able to start', async () => {
    const agent = agents.get('vm1')
    agent?.child.kill('SIGTERM')
    assert.equal(await agent?.ended, 0)
    await mesh.syncAgent('vm1')
    assert.equal(await mesh.machine('vm1').dig('auto.internal'), '240.240.0.1')
  })
})
