/**
 * A controller of a large cluster, with a real API server; what it measures stands in the README.
 *
 * `--kubeconfig FILE` takes a cluster that `bench/hold-cluster.ts` has filled.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AgentProcess, type TableChange } from './cluster/agent-process.ts'
import { EndpointChanges } from './cluster/change-endpoints.ts'
import { openScaleCluster } from './cluster/open-cluster.ts'
import { type ControllerProcess, startController } from './mesh/controller-process.ts'
import { StreamProcesses } from './mesh/stream-processes.ts'
import { cpuSeconds, peakMebioctets, residentMebioctets } from './process-usage.ts'
import { formatSpread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '10000' },
    changes: { type: 'string', default: '300' },
    kubeconfig: { type: 'string', default: '' },
    // As in the image, and in the units of machines.
    flag: { type: 'string', multiple: true, default: ['--max-semi-space-size=16'] },
  },
})
const services = Number(values.services)
const changes = Number(values.changes)
const size = { services, podsPerService: 5, entries: services / 5 }
const patienceMs = 600_000

/** The first table is put in force as a whole; entries without an address are not in it yet. */
const isWhole = (table: TableChange) => table.services >= services

const results: Record<string, unknown> = {}

function say(label: string, value: string | number): void {
  results[label] = value
  process.stdout.write(`${label.padEnd(64)} ${value}\n`)
}

function sayTimes(label: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b)
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN
  say(`${label}, ms`, formatSpread(spreadOf(sorted), 0))
  say(`${label}, 99th percentile, ms`, p99.toFixed(0))
}

/** CPU time of a process for some work, in seconds. */
async function withCpu<T>(pid: number, work: () => Promise<T>): Promise<{ value: T; cpu: number }> {
  const before = cpuSeconds(pid)
  const value = await work()
  return { value, cpu: cpuSeconds(pid) - before }
}

const folder = mkdtempSync(join(tmpdir(), 'meshdns-bench-'))
const cleanUp: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]

function startOne(name: string, kubeconfig: string, firstPort: number): Promise<ControllerProcess> {
  return startController(folder, {
    words: {
      kubernetes: 'true',
      kubeconfig,
      'kubernetes-pod-name': name,
      'admission-addresses': `127.0.0.1:${firstPort + 6}`,
    },
    flags: values.flag,
    firstPort,
  })
}

function startAgent(controller: ControllerProcess, name: string): AgentProcess {
  const agent = new AgentProcess(controller.port, join(folder, name))
  cleanUp.unshift(() => agent.stop())
  return agent
}

async function measureChanges(
  label: string,
  controller: ControllerProcess,
  work: () => Promise<readonly number[]>,
): Promise<void> {
  const { value: times, cpu } = await withCpu(controller.pid, work)
  sayTimes(`${label}: from the answer of the API to the table of an agent`, times)
  say(`${label}: CPU of the controller for a change, ms`, ((cpu * 1_000) / changes).toFixed(1))
}

try {
  const cluster = await openScaleCluster(values.kubeconfig, size)
  cleanUp.unshift(() => cluster.close())
  const { kubeconfig, client } = cluster

  const one = await startOne('one', kubeconfig, 25_010)
  cleanUp.unshift(() => one.stop())
  say('start of the controller, s', (one.startedInMs / 1_000).toFixed(1))
  say('its CPU time, s', cpuSeconds(one.pid).toFixed(1))
  say('its memory then, MiB', residentMebioctets(one.pid).toFixed(0))
  const cpuBefore = cpuSeconds(one.pid)
  const begin = performance.timeOrigin + performance.now()
  const agent = startAgent(one, 'agent-one')
  const allocated = agent.until((now) => now.virtualAddresses >= size.entries, patienceMs)
  const first = await agent.until(isWhole, patienceMs)
  say('from the start of an agent to its first whole table, s', seconds(first.atMs - begin))
  say('its services', first.services)
  say('CPU time of the agent for it, s', cpuSeconds(agent.pid).toFixed(1))
  say('CPU time of the controller for it, s', (cpuSeconds(one.pid) - cpuBefore).toFixed(1))
  const last = first.virtualAddresses >= size.entries ? first : await allocated
  allocated.catch(() => {})
  say(`until ${size.entries} entries have addresses, s`, seconds(last.atMs - begin))
  say(
    'CPU time of the controller since it was ready, s',
    (cpuSeconds(one.pid) - cpuBefore).toFixed(1),
  )
  await setTimeout(10_000)
  say('memory of the controller, settled, MiB', residentMebioctets(one.pid).toFixed(0))
  say('the most that it was, MiB', peakMebioctets(one.pid).toFixed(0))
  say('memory of the agent, MiB', residentMebioctets(agent.pid).toFixed(0))
  const idle = await withCpu(one.pid, () => setTimeout(10_000))
  say('CPU of the controller when nothing happens, ms a second', (idle.cpu * 100).toFixed(1))

  const making = new EndpointChanges(client, size)
  const streams = new StreamProcesses(one.port, 1, 1)
  cleanUp.unshift(() => streams.stop())
  await streams.events('synced', patienceMs)
  const agentBefore = cpuSeconds(agent.pid)
  const octets: number[] = []
  await measureChanges('one at a time', one, async () => {
    const times: number[] = []
    for (let change = 0; change < changes; change += 1) {
      const applied = streams.events('applied', 60_000)
      times.push(...(await making.inTurn(1, [agent])))
      octets.push(...(await applied).map((event) => event.octets))
    }
    return times
  })
  const agentCpu = cpuSeconds(agent.pid) - agentBefore
  say('CPU of the agent for a change, ms', ((agentCpu * 1_000) / changes).toFixed(1))
  say('octets to an agent for a change', formatSpread(spreadOf(octets), 0))
  streams.stop()
  await measureChanges('20 a second', one, () => making.aSecond(20, changes, [agent]))

  const two = await startOne('two', kubeconfig, 25_030)
  cleanUp.unshift(() => two.stop())
  say('start of a second controller, s', (two.startedInMs / 1_000).toFixed(1))
  say('its CPU time, s', cpuSeconds(two.pid).toFixed(1))
  const other = startAgent(two, 'agent-two')
  await other.until(isWhole, patienceMs)
  say('its memory, MiB', residentMebioctets(two.pid).toFixed(0))
  await measureChanges('20 a second, at two controllers', two, () =>
    making.aSecond(20, changes, [agent, other]),
  )

  const under = making.aSecond(20, changes, [other])
  await one.stop()
  const again = await startOne('one', kubeconfig, 25_010)
  cleanUp.unshift(() => again.stop())
  say('start again while there are 20 changes a second, s', (again.startedInMs / 1_000).toFixed(1))
  say('its CPU time then, s', cpuSeconds(again.pid).toFixed(1))
  sayTimes('at the other controller meanwhile', await under)
  await startAgent(again, 'agent-again').until(isWhole, patienceMs)
  say('memory of it, MiB', residentMebioctets(again.pid).toFixed(0))
  say('memory of the second, settled, MiB', residentMebioctets(two.pid).toFixed(0))
  keep()
} finally {
  for (const end of cleanUp) await end()
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}

function keep(): void {
  const date = new Date().toISOString()
  const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version }
  const results_ = fileURLToPath(new URL('results', import.meta.url))
  mkdirSync(results_, { recursive: true })
  writeFileSync(
    `${results_}/${date.slice(0, 10)}-cluster-${services}.json`,
    `${JSON.stringify({ date, machine, ...size, ...results }, undefined, 2)}\n`,
  )
}
