import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { networkTestsSkip } from '../src/testing/network-tests-skip.ts'
import { type MachineName, MeshOfMachines } from '../test/mesh/mesh-of-machines.ts'
import { checkedWorkload, headlessService, selectingEntry } from '../test/mesh/objects.ts'
import { Prober } from '../test/mesh/prober.ts'
import { entry } from '../test/network/mesh-entries.ts'
import { formatSpread, spreadOf } from './spread.ts'

const { values } = parseArgs({ options: { changes: { type: 'string', default: '200' } } })
const changes = Number(values.changes)
const machines: readonly MachineName[] = ['vm1', 'vm2']

/** A host that changes, file by file; the answers go round. */
interface Cycle {
  readonly says: string
  readonly host: string
  readonly first: string
  readonly steps: readonly {
    readonly answer: string
    readonly apply: (mesh: MeshOfMachines) => void
  }[]
}

const moved = (address: string) => ({
  answer: address,
  apply: (mesh: MeshOfMachines) =>
    mesh.putObject(
      'moved.yaml',
      entry({ name: 'moved', host: 'moved.test', addresses: [address] }),
    ),
})
const health = (healthy: boolean) => ({
  answer: healthy ? '10.0.0.1,10.0.0.2' : '10.0.0.2',
  apply: (mesh: MeshOfMachines) =>
    mesh.putObject('a.yaml', checkedWorkload('a', { app: 'sick', address: '10.0.0.1', healthy })),
})
const ready = (isReady: boolean) => ({
  answer: isReady ? '10.0.0.1,10.0.0.2' : '10.0.0.2',
  apply: (mesh: MeshOfMachines) =>
    mesh.putObject(
      'db.yaml',
      headlessService('db', [
        { address: '10.0.0.1', ready: isReady },
        { address: '10.0.0.2', ready: true },
      ]),
    ),
})

const cycles: readonly Cycle[] = [
  {
    says: 'ServiceEntry added, changed, removed',
    host: 'moved.test',
    first: 'NXDOMAIN',
    steps: [
      moved('198.51.100.7'),
      moved('198.51.100.8'),
      { answer: 'NXDOMAIN', apply: (mesh) => mesh.removeObject('moved.yaml') },
    ],
  },
  {
    says: 'health of a WorkloadEntry',
    host: 'sick.test',
    first: '10.0.0.1,10.0.0.2',
    steps: [health(false), health(true)],
  },
  {
    says: 'ready endpoint of a headless Service',
    host: 'db.default.svc.cluster.local',
    first: '10.0.0.1,10.0.0.2',
    steps: [ready(false), ready(true)],
  },
]

function say(label: string, text: string): void {
  process.stdout.write(`${label.padEnd(56)} ${text}\n`)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
}

/** Two machines that have the whole mesh. */
async function startMesh(): Promise<MeshOfMachines> {
  const mesh = await MeshOfMachines.start()
  const healthy = { app: 'sick', healthy: true }
  mesh.putObject('sick.yaml', selectingEntry('sick', { host: 'sick.test', resolution: 'NONE' }))
  mesh.putObject('a.yaml', checkedWorkload('a', { ...healthy, address: '10.0.0.1' }))
  mesh.putObject('b.yaml', checkedWorkload('b', { ...healthy, address: '10.0.0.2' }))
  ready(true).apply(mesh)
  await mesh.startController()
  await mesh.createGroup('shop')
  await Promise.all(machines.map((name) => mesh.onboard(name, { group: 'shop' })))
  await Promise.all(machines.map((name) => mesh.syncAgent(name)))
  return mesh
}

/** From before a file is written to the first new answer on each machine, in milliseconds. */
async function measure(mesh: MeshOfMachines): Promise<ReadonlyMap<Cycle, readonly number[]>> {
  const names = cycles.map(({ host }) => host)
  const probers = await Promise.all(
    machines.map((on) => Prober.start(mesh, { on, names, intervalMs: 1 })),
  )
  const answers = new Map(cycles.map((cycle) => [cycle, [cycle.first]]))
  const times = new Map(cycles.map((cycle) => [cycle, [] as number[]]))
  for (const { host, first } of cycles) {
    await Promise.all(probers.map((prober) => prober.sees(host, [first])))
  }
  for (let change = 0; change < changes; change += 1) {
    const cycle = cycles[change % cycles.length]
    const step = cycle?.steps[Math.floor(change / cycles.length) % cycle.steps.length]
    if (!cycle || !step) continue
    const want = answers.get(cycle) ?? []
    want.push(step.answer)
    const begin = process.hrtime.bigint()
    step.apply(mesh)
    const seen = await Promise.all(probers.map((prober) => prober.sees(cycle.host, want)))
    times.get(cycle)?.push(...seen.map((at) => Number(at - begin) / 1e6))
  }
  for (const prober of probers) {
    await prober.stop()
    say('questions meanwhile', prober.expectNoGap({}))
  }
  return times
}

const skip = networkTestsSkip()
if (skip === false) {
  await using mesh = await startMesh()
  const times = await measure(mesh)
  const rows = [...times].map(([{ says }, own]) => ({ says, own }))
  const all = { says: `all ${changes} changes`, own: rows.flatMap(({ own }) => own) }
  for (const { says, own } of [...rows, all]) {
    say(`${says}, ms`, formatSpread(spreadOf(own), 0))
    say('  the 99th percentile, ms', percentile(own, 0.99).toFixed(0))
  }
  const figures = {
    date: new Date().toISOString(),
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
    changes,
    machines: machines.length,
    ms: { ...spreadOf(all.own), p99: percentile(all.own, 0.99) },
  }
  const folder = fileURLToPath(new URL('results', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const name = `${figures.date.slice(0, 10)}-mesh-changes.json`
  writeFileSync(`${folder}/${name}`, `${JSON.stringify(figures, undefined, 2)}\n`)
}
