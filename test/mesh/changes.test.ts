import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { entry } from '../network/mesh-entries.ts'
import { type MachineName, MeshOfMachines } from './mesh-of-machines.ts'
import { checkedWorkload, headlessService, selectingEntry } from './objects.ts'
import { Prober } from './prober.ts'

const skip = networkTestsSkip()
const machines: readonly MachineName[] = ['vm1', 'vm2']

/** Far beyond what a change may take: other programs may have the machine. */
const patienceMs = 120_000

const moved = 'moved.mesh.test'
const still = 'auto.internal'
const chosen = 'chosen.mesh.test'
const headless = 'db.default.svc.cluster.local'

describe('a change of the controller’s files', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines
  let probers: readonly Prober[]

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-auto.yaml')
    await mesh.startController()
    await mesh.createGroup('shop')
    await Promise.all(machines.map((name) => mesh.onboard(name, { group: 'shop' })))
    await Promise.all(machines.map((name) => mesh.syncAgent(name)))
    const names = [still, moved, chosen, headless]
    probers = await Promise.all(machines.map((on) => Prober.start(mesh, { on, names })))
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** Every machine must see these, and nothing else. */
  async function seen(name: string, answers: readonly string[]): Promise<void> {
    await Promise.all(probers.map((prober) => prober.sees(name, answers)))
  }

  /** Connects until the page is the one that is wanted; until then it is the one before. */
  async function reaches(host: string, want: string, before: readonly string[]): Promise<void> {
    await Promise.all(
      machines.map(async (name) => {
        for (const end = performance.now() + patienceMs; ; ) {
          const { stdout } = await mesh.machine(name).run('curl', '-sS', host)
          if (stdout === `${want} ${host}\n`) return
          assert.ok(before.includes(stdout.split(' ')[0] ?? ''), `${host} is ${stdout}`)
          assert.ok(performance.now() < end, `${host} is still ${stdout}`)
        }
      }),
    )
  }

  const movedTo = (address: string) =>
    mesh.putObject('moved.yaml', entry({ name: 'moved', host: moved, addresses: [address] }))

  it('that adds, changes and removes a ServiceEntry is in force on every machine', async () => {
    await seen(moved, ['NXDOMAIN'])
    movedTo('198.51.100.7')
    await seen(moved, ['NXDOMAIN', '198.51.100.7'])
    movedTo('198.51.100.8')
    await seen(moved, ['NXDOMAIN', '198.51.100.7', '198.51.100.8'])
    mesh.removeObject('moved.yaml')
    await seen(moved, ['NXDOMAIN', '198.51.100.7', '198.51.100.8', 'NXDOMAIN'])
  })

  it('of an endpoint, or of its health, leads connections elsewhere', async () => {
    const host = 'static.mesh.test'
    const work = (at: number, healthy = true) =>
      mesh.putObject(
        `work-${at}.yaml`,
        checkedWorkload(`work-${at}`, { app: 'static', address: `198.51.100.${at}`, healthy }),
      )
    work(1)
    mesh.putObject('static.yaml', selectingEntry('static', { host, resolution: 'STATIC' }))
    await reaches(host, 'page-198.51.100.1', [''])
    work(2, false)
    work(3)
    await reaches(host, 'page-198.51.100.3', ['page-198.51.100.1'])
    work(1, false)
    await reaches(host, 'page-198.51.100.3', ['page-198.51.100.1'])
    work(2)
    await reaches(host, 'page-198.51.100.2', ['page-198.51.100.1', 'page-198.51.100.3'])
    mesh.removeObject('work-2.yaml')
    await reaches(host, 'page-198.51.100.3', ['page-198.51.100.2'])
    for (let round = 0; round < 6; round += 1) await reaches(host, 'page-198.51.100.3', [])
  })

  it('of an endpoint of a host without any address of its own changes the answer', async () => {
    const work = (healthy: boolean) =>
      mesh.putObject(
        'chosen-1.yaml',
        checkedWorkload('chosen-1', { app: 'chosen', address: '198.51.100.1', healthy }),
      )
    work(true)
    mesh.putObject(
      'chosen-2.yaml',
      checkedWorkload('chosen-2', { app: 'chosen', address: '198.51.100.2', healthy: true }),
    )
    await seen(chosen, ['NXDOMAIN'])
    const spec = selectingEntry('chosen', { host: chosen, resolution: 'NONE' })
    mesh.putObject('chosen.yaml', spec)
    const both = '198.51.100.1,198.51.100.2'
    await seen(chosen, ['NXDOMAIN', both])
    work(false)
    await seen(chosen, ['NXDOMAIN', both, '198.51.100.2'])
    work(true)
    await seen(chosen, ['NXDOMAIN', both, '198.51.100.2', both])
  })

  it('that makes an endpoint of a headless Service not ready takes it out of the answer', async () => {
    const put = (ready: boolean) =>
      mesh.putObject(
        'db.yaml',
        headlessService('db', [
          { address: '10.0.0.1', ready },
          { address: '10.0.0.2', ready: true },
        ]),
      )
    put(true)
    await seen(headless, ['NXDOMAIN', '10.0.0.1,10.0.0.2'])
    put(false)
    await seen(headless, ['NXDOMAIN', '10.0.0.1,10.0.0.2', '10.0.0.2'])
  })

  it('costs no answer of anything else', async () => {
    for (const prober of probers) {
      await prober.stop()
      prober.expectNoGap({ [still]: '240.240.0.1' })
    }
  })
})
