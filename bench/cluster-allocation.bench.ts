/**
 * How long the leader takes to give addresses to many ServiceEntries of a real API server, and to one more.
 *
 * `node bench/cluster-allocation.bench.ts [ENTRIES [WRITES_PER_SECOND]]`
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { recordWrites, statusWrites } from '../src/kubernetes/allocation/meters.ts'
import { AllocationRig } from '../test/cluster/allocation-rig.ts'
import { TestCluster } from '../test/cluster/start-cluster.ts'

const [count = 10_000, writesPerSecond = 200] = process.argv.slice(2).map(Number)
const say = (text: string) => process.stdout.write(`${text}\n`)

await using cluster = await TestCluster.start()
const rig = await AllocationRig.open(cluster)
let next = 0
const create = async () => {
  while (next < count) {
    next += 1
    await rig.create(`entry-${next}`, { hosts: [`host-${next}.mesh.test`] })
  }
}
const begun = performance.now()
await Promise.all(Array.from({ length: 16 }, create))
say(`${count} entries created in ${seconds(performance.now() - begun)}`)

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const cpu = process.cpuUsage()
const started = performance.now()
await using replica = await rig.startReplica('bench', { allocation: { writesPerSecond } })
const isComplete = () =>
  [...replica.table.entries().values()].every(({ status }) => status.addresses.length === 2)
while (!isComplete()) await setTimeout(100)
const tookMs = performance.now() - started
const { user, system } = process.cpuUsage(cpu)
delay.disable()
const writes = [...(replica.meters.cells().get(statusWrites) ?? [])]
say(
  `all have addresses after ${seconds(tookMs)}: ${Math.round((count / tookMs) * 1_000)} writes a second`,
)
say(`writes: ${writes.map(([outcome, { value }]) => `${outcome} ${value}`).join(', ')}`)
say(`writes of the record: ${replica.meters.cell(recordWrites).value}`)
say(`CPU of this process: ${((user + system) / 1e6).toFixed(1)} s`)
say(`event loop late by: ${late(99)} ms at the 99th percentile, ${late(100)} at most`)
const { given = '', resting = '' } = await rig.recordData()
say(`record: ${given.length + resting.length} octets`)

const more = 50
await oneByOne('one more', async (name) => {
  await rig.create(name, { hosts: [`${name}.mesh.test`] })
  while (replica.table.get(`default/${name}`)?.status.addresses.length !== 2) await setTimeout(1)
})
await oneByOne('one less, until that is written down', async (name) => {
  const writes = replica.meters.cell(recordWrites).value
  await rig.remove(name)
  while (replica.meters.cell(recordWrites).value === writes) await setTimeout(1)
})

/** Does it to some entries, and says what each took. */
async function oneByOne(label: string, work: (name: string) => Promise<unknown>): Promise<void> {
  const times: number[] = []
  const used = process.cpuUsage()
  for (let at = 0; at < more; at += 1) {
    const before = performance.now()
    await work(`more-${at}`)
    times.push(performance.now() - before)
  }
  times.sort((a, b) => a - b)
  const after = process.cpuUsage(used)
  const cpuMs = (after.user + after.system) / 1_000 / more
  say(
    `${label}: median ${times[more >> 1]?.toFixed(0)} ms, most ${times.at(-1)?.toFixed(0)} ms, CPU ${cpuMs.toFixed(1)} ms`,
  )
}

function late(percentile: number): string {
  return (delay.percentile(percentile) / 1e6).toFixed(0)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
