import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from '../network/mesh-entries.ts'
import { MeshOfMachines } from './mesh-of-machines.ts'
import { Prober } from './prober.ts'
import { said } from './said.ts'

const skip = networkTestsSkip()
const moved = 'moved.mesh.test'

/** Certificates are renewed within seconds: half of their time counts from a minute before. */
const hasty = `MESHDNS_IDENTITY_CERTIFICATE_SECONDS='60'
MESHDNS_CONTROLLER_RECONNECT_MAX_MS='400'
`

describe('a rotation of the root', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines
  let controller: HostProcess
  let agent: HostProcess
  let prober: Prober
  let places = 0

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-auto.yaml')
    const options = '/etc/meshdns/controller.yaml'
    const text = mesh.controller.root.read(options)
    mesh.controller.root.write(options, `${text}\nidentity:\n  caPollMs: 100\n`)
    controller = await mesh.startController()
    await mesh.createGroup('shop')
    await mesh.onboard('vm1', { group: 'shop', sidecar: hasty })
    agent = await mesh.syncAgent('vm1')
    prober = await Prober.start(mesh, { on: 'vm1', names: ['auto.internal', moved] })
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** Waits until the agent has a certificate that it asked for from now on; its stream must go on. */
  async function renewed(): Promise<void> {
    agent.stdout.clear()
    // The first may have been asked for before.
    await said(agent, /"got a certificate"/, 2)
    assert.doesNotMatch(agent.stdout.text, /"the controller is gone"/)
  }

  /** A change of the controller’s files must reach the machine. */
  async function changesArrive(): Promise<void> {
    const address = `10.0.0.${++places}`
    mesh.putObject('moved.yaml', entry({ name: 'moved', host: moved, addresses: [address] }))
    await prober.finds(moved, address)
  }

  /** Has the agent connect anew. */
  async function reconnect(): Promise<void> {
    agent.stdout.clear()
    controller.child.kill('SIGTERM')
    assert.equal(await controller.ended, 0)
    controller = await mesh.startController()
    await said(agent, /"the table is the controller/)
  }

  it('adds one that a machine learns of with its next certificate', async () => {
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

  it('lets the machine connect again', async () => {
    await reconnect()
    await changesArrive()
  })

  it('ends the trust in the old one, and the machine still connects', async () => {
    controller.stdout.clear()
    await mesh.controller.meshdns('ca', 'root', 'retire', '--longest-certificate', '0')
    await said(controller, /"the files of the CA changed"/)
    await reconnect()
    await changesArrive()
  })

  it('costs no answer', async () => {
    await prober.stop()
    console.log(prober.expectNoGap({ 'auto.internal': '240.240.0.1' }))
  })

  it('leaves a machine that was onboarded before able to start', async () => {
    agent.child.kill('SIGTERM')
    assert.equal(await agent.ended, 0)
    await mesh.syncAgent('vm1')
    assert.equal(await mesh.machine('vm1').dig('auto.internal'), '240.240.0.1')
  })
})
