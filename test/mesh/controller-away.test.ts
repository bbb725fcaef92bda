import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from '../network/mesh-entries.ts'
import { startScript } from '../network/scripted.ts'
import { controllerAddress, type MachineName, MeshOfMachines } from './mesh-of-machines.ts'
import { Prober } from './prober.ts'
import { said } from './said.ts'

const skip = networkTestsSkip()
const machines: readonly MachineName[] = ['vm1', 'vm2']
const stateFolder = '/var/lib/meshdns-controller'

/** How long the way to the controller is shut. */
const partitionMs = Number(process.env['MESHDNS_TEST_PARTITION_SECONDS'] ?? '2') * 1_000

/** Machines whose agents do not wait long for a controller that they lost. */
const hasty = `MESHDNS_CONTROLLER_RECONNECT_MAX_MS='400'
MESHDNS_CONTROLLER_CONNECT_TIMEOUT_MS='1000'
MESHDNS_CONTROLLER_SILENCE_TIMEOUT_MS='1000'
`

/** What must never change, whatever becomes of the controller. */
const steady = {
  'auto.internal': '240.240.0.1',
  'address.internal': '198.51.100.1',
  'steady.up.test': '203.0.113.4',
}

const hostile = [
  'says nothing',
  'says noise',
  'says half of a record',
  'says noise over TLS',
  'says nothing on its streams',
  'says garbage on its streams',
  'says half a message on its streams',
]

function addressAt(place: number): string {
  return `10.2.${place >> 8}.${place & 255}`
}

function placeOf(address: string): number {
  const [high, low] = address.split('.').slice(2).map(Number)
  return ((high ?? 0) << 8) + (low ?? 0)
}

describe('machines whose controller is', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines
  let controller: HostProcess
  const agents = new Map<MachineName, HostProcess>()

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-auto.yaml')
    mesh.putObject('external-address.yaml')
    put('moved', addressAt(0))
    for (let at = 1; at <= 20; at += 1) put(`more${at}`, `10.1.0.${at}`)
    controller = await mesh.startController()
    await mesh.createGroup('shop')
    await Promise.all(
      machines.map(async (name) => {
        await mesh.onboard(name, { group: 'shop', sidecar: hasty })
        agents.set(name, await mesh.syncAgent(name))
      }),
    )
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** An entry with an address of its own. */
  function put(name: string, address: string): void {
    const text = entry({ name, host: `${name}.mesh.test`, addresses: [address] })
    mesh.putObject(`${name}.yaml`, text)
  }

  /** Asks each machine all the time until `work` is done; no answer may be missing or wrong. */
  async function withoutGap(
    work: (probers: readonly Prober[]) => Promise<void>,
    more: readonly string[] = [],
  ): Promise<void> {
    const names = [...Object.keys(steady), ...more]
    const probers = await Promise.all(machines.map((on) => Prober.start(mesh, { on, names })))
    try {
      await Promise.all(
        probers.map((prober) =>
          Promise.all(Object.entries(steady).map(([name, answer]) => prober.sees(name, [answer]))),
        ),
      )
      await work(probers)
    } finally {
      for (const prober of probers) await prober.stop()
    }
    for (const prober of probers) console.log(prober.expectNoGap(steady))
  }

  /** How many resources each agent was sent so far, to put and to drop. */
  async function received(): Promise<readonly (readonly [number, number])[]> {
    return Promise.all(
      machines.map(async (name) => {
        const metrics = await mesh.machine(name).metrics(15_020)
        const of = (change: string) =>
          metrics.get(`meshdns_controller_received_resources_total{change="${change}"}`) ?? 0
        return [of('put'), of('dropped')] as const
      }),
    )
  }

  /** What each agent was sent more while this was done. */
  async function receivedWhile(work: () => Promise<void>) {
    const earlier = await received()
    await work()
    const later = await received()
    return later.map(([put, dropped], at) => [
      put - (earlier[at]?.[0] ?? 0),
      dropped - (earlier[at]?.[1] ?? 0),
    ])
  }

  /** Ends the controller and waits until each agent has noticed. */
  async function kill(): Promise<void> {
    const noticed = everyAgent(/"the controller is gone"/)
    controller.child.kill('SIGKILL')
    await Promise.all([noticed, controller.ended])
  }

  /** Starts the controller anew and waits until each agent has its table. */
  async function comeBack(): Promise<void> {
    const synced = everyAgent(/"the table is the controller/)
    controller = await mesh.startController()
    await synced
  }

  /** Waits until each agent has said it, from now on. */
  async function everyAgent(pattern: RegExp): Promise<void> {
    const running = [...agents.values()]
    for (const { stdout } of running) stdout.clear()
    await Promise.all(running.map((agent) => said(agent, pattern)))
  }

  it('killed while files change answer on, and are sent what changed when it is back', async () => {
    await withoutGap(
      async (probers) => {
        let last = 0
        const move = () => put('moved', addressAt(++last))
        const writer = setInterval(move, 10)
        await Promise.all(probers.map((prober) => prober.reaches('moved.mesh.test', 4)))
        await kill()
        clearInterval(writer)
        move()
        assert.deepEqual(await receivedWhile(comeBack), [
          [1, 0],
          [1, 0],
        ])
        for (const prober of probers) {
          await prober.finds('moved.mesh.test', addressAt(last))
          const seen = prober.answers('moved.mesh.test').map(placeOf)
          assert.deepEqual(
            seen,
            [...new Set(seen)].sort((a, b) => a - b),
          )
        }
      },
      ['moved.mesh.test'],
    )
  })

  it('started without its state are sent nothing that they have', async () => {
    await withoutGap(async () => {
      await kill()
      for (const name of readdirSync(mesh.controller.root.file(stateFolder))) {
        // The keys of the mesh are all that cannot be made anew.
        if (!/^ca$|token-key/.test(name)) mesh.controller.root.remove(join(stateFolder, name))
      }
      assert.deepEqual(await receivedWhile(comeBack), [
        [0, 0],
        [0, 0],
      ])
    })
  })

  it('out of reach for a while are sent what changed meanwhile', async () => {
    await withoutGap(
      async (probers) => {
        await Promise.all(probers.map((prober) => prober.sees('late.mesh.test', ['NXDOMAIN'])))
        await mesh.controller.filter('cut-in', 'input', 'iif != lo drop')
        await mesh.controller.filter('cut-out', 'output', 'oif != lo drop')
        put('late', '10.3.0.1')
        const sent = await receivedWhile(async () => {
          const end = performance.now() + partitionMs
          for (let round = 0; performance.now() < end; round += 1) {
            for (const name of machines) {
              const page = await mesh.machine(name).run('curl', '-sS', 'auto.internal')
              assert.equal(page.stdout, 'page-198.51.100.2 auto.internal\n')
            }
          }
          for (const prober of probers) assert.equal(prober.answers('late.mesh.test').length, 1)
          for (const name of ['cut-in', 'cut-out']) await mesh.controller.removeFilter(name)
          await Promise.all(probers.map((prober) => prober.finds('late.mesh.test', '10.3.0.1')))
        })
        // A service and its endpoint.
        assert.deepEqual(sent, [
          [2, 0],
          [2, 0],
        ])
      },
      ['late.mesh.test'],
    )
  })

  it('another one that means no good answer on, and are sent nothing when theirs is back', async () => {
    await withoutGap(async () => {
      await kill()
      const sent = await receivedWhile(async () => {
        for (const mode of hostile) {
          const folder = join(mesh.controller.root.file(stateFolder), 'ca')
          const words = ['hostile-controller-main', mode, controllerAddress, '15012', folder]
          const stranger = await startScript(mesh.hosts, 'controller', words)
          // Each machine twice: it came back after the first time.
          await said(stranger, /taken/, 2 * machines.length)
          stranger.child.kill('SIGKILL')
          await stranger.ended
        }
        await comeBack()
      })
      assert.deepEqual(sent, [
        [0, 0],
        [0, 0],
      ])
    })
  })

  it('away start with the table that they had', async () => {
    const start = async (name: MachineName) => {
      const begin = performance.now()
      agents.set(name, await mesh.startAgent(name))
      return Math.round(performance.now() - begin)
    }
    const stop = async (name: MachineName) => {
      const agent = agents.get(name)
      agent?.child.kill('SIGKILL')
      await agent?.ended
      await mesh.machine(name).afterStop('meshdns.service')
    }
    await stop('vm1')
    const withController = await start('vm1')
    await said(agents.get('vm1') as HostProcess, /"the table is the controller/)
    await kill()
    await stop('vm1')
    const without = await start('vm1')
    const machine = mesh.machine('vm1')
    await mesh.upstream.asked()
    assert.equal(await machine.dig('auto.internal'), '240.240.0.1')
    const page = await machine.run('curl', '-sS', 'auto.internal')
    assert.equal(page.stdout, 'page-198.51.100.2 auto.internal\n')
    assert.deepEqual(await mesh.upstream.asked(), [])
    const ready = await machine.page(15_021, '/healthz/ready')
    assert.match(
      ready.replaceAll(/\s/g, ''),
      /^{"ready":true,"table":{"kind":"stale","ageSeconds":\d+}}$/,
    )
    console.log(`start of an agent: ${withController} ms, without a controller ${without} ms`)
    await comeBack()
  })
})
