import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type ControllerProcess, startController } from './mesh/controller-process.ts'
import { MeshFolder } from './mesh/mesh-folder.ts'
import { type StreamEvent, StreamProcesses } from './mesh/stream-processes.ts'
import { cpuSeconds, residentMebioctets } from './process-usage.ts'
import { formatSpread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '100000' },
    streams: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    changes: { type: 'string', default: '100' },
    flag: { type: 'string', multiple: true, default: [] },
  },
})
const [hosts = 0, streams = 0, processes = 0, changes = 0] = [
  values.hosts,
  values.streams,
  values.processes,
  values.changes,
].map(Number)

/** How long a cold start may take in all, and a change. */
const syncTimeoutMs = 1_800_000
const changeTimeoutMs = 60_000

function say(label: string, text: string): void {
  process.stdout.write(`${label.padEnd(56)} ${text}\n`)
}

/** Streams that have everything while the others start. */
const early = 5

/** All streams must hold the same. */
function hashOf(events: readonly StreamEvent[]): string {
  const hashes = new Set(events.map(({ hash }) => hash))
  if (hashes.size !== 1) throw new Error(`tables differ: ${[...hashes].join(', ')}`)
  return [...hashes].join()
}

/** One host changes at a time; the clock starts before its file is renamed into place. */
async function measureChanges(
  mesh: MeshFolder,
  agents: StreamProcesses,
  controller: ControllerProcess,
) {
  const [times, octets]: number[][] = [[], []]
  const cpuBefore = cpuSeconds(controller.pid)
  let hash = ''
  for (let change = 0; change < changes; change += 1) {
    const applied = agents.events('applied', changeTimeoutMs)
    const begin = performance.timeOrigin + performance.now()
    mesh.change((change * 7_919) % hosts)
    const events = await applied
    hash = hashOf(events)
    times?.push(...events.map(({ atMs }) => atMs - begin))
    octets?.push(...events.map((event) => event.octets))
  }
  const cpuMs = ((cpuSeconds(controller.pid) - cpuBefore) * 1_000) / changes
  const sorted = (times ?? []).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { times: spreadOf(sorted), p99: at(0.99), octets: spreadOf(octets ?? []), cpuMs, hash }
}

/** How long changes take to reach those that have everything, while the others start. */
async function measureWhileStarting(
  mesh: MeshFolder,
  agents: StreamProcesses,
  started: Promise<unknown>,
) {
  const times: number[] = []
  const ended = started.then(() => true)
  for (let change = 0; ; change += 1) {
    const applied = agents.events('applied', changeTimeoutMs)
    const begin = performance.timeOrigin + performance.now()
    mesh.change((change * 104_729 + 1) % hosts)
    times.push(...(await applied).map(({ atMs }) => atMs - begin))
    if (await Promise.race([ended, setTimeout(500, false)])) break
  }
  return spreadOf(times)
}

const folder = mkdtempSync(join(tmpdir(), 'meshdns-bench-'))
let controller: ControllerProcess | undefined
let agents: StreamProcesses | undefined
let earlyAgents: StreamProcesses | undefined
try {
  const mesh = new MeshFolder(join(folder, 'objects'), hosts)
  controller = await startController(folder, {
    words: { sources: mesh.path },
    flags: values.flag,
  })
  const { startedInMs } = controller
  const alone = residentMebioctets(controller.pid)
  say(`start of the controller, ${hosts} hosts, ms`, controller.startedInMs.toFixed(0))
  say('resident memory of the controller, MiB', alone.toFixed(0))
  earlyAgents = new StreamProcesses(controller.port, early, 1)
  await earlyAgents.events('synced', syncTimeoutMs)
  const begin = performance.timeOrigin + performance.now()
  const cpuBefore = cpuSeconds(controller.pid)
  agents = new StreamProcesses(controller.port, streams, processes)
  const starting = agents.events('synced', syncTimeoutMs)
  const whileStarting = await measureWhileStarting(mesh, earlyAgents, starting)
  const synced = await starting
  const [first] = synced
  const syncMs = spreadOf(synced.map(({ atMs }) => atMs - begin))
  const syncCpu = cpuSeconds(controller.pid) - cpuBefore
  say(`cold start of ${streams} streams, ms`, formatSpread(syncMs, 0))
  say('resources of a table, and octets to send them', `${first?.resources}, ${first?.octets}`)
  say('CPU time of the controller for it, s', syncCpu.toFixed(1))
  say('meanwhile from a renamed file to other tables, ms', formatSpread(whileStarting, 0))
  await setTimeout(5_000)
  const loaded = residentMebioctets(controller.pid)
  say('resident memory with all streams, MiB', loaded.toFixed(0))
  const result = await measureChanges(mesh, agents, controller)
  say('from a renamed file to all tables, ms', formatSpread(result.times, 0))
  say('the same, 99th percentile, ms', result.p99.toFixed(0))
  say('octets to each stream for a change', formatSpread(result.octets, 0))
  say('CPU time of the controller for a change, ms', result.cpuMs.toFixed(1))
  say('table hash afterwards, all streams alike', result.hash)
  await controller.stop()
  const resumed = agents.events('synced', syncTimeoutMs)
  controller = await startController(folder, {
    words: { sources: mesh.path },
    flags: values.flag,
  })
  const restartBegin = performance.timeOrigin + performance.now()
  const restartCpuBefore = cpuSeconds(controller.pid)
  const back = await resumed
  const restart = {
    startedInMs: controller.startedInMs,
    ms: spreadOf(back.map(({ atMs }) => atMs - restartBegin)),
    octets: spreadOf(back.map((event) => event.octets)),
    cpuSeconds: cpuSeconds(controller.pid) - restartCpuBefore,
  }
  hashOf(back)
  say('after a restart, until all streams are back, ms', formatSpread(restart.ms, 0))
  say('octets to each stream for it', formatSpread(restart.octets, 0))
  say('CPU time of the controller for it, s', restart.cpuSeconds.toFixed(1))
  const figures = {
    date: new Date().toISOString(),
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
    hosts,
    streams,
    processes,
    changes,
    controller: { startedInMs, alone, loaded },
    coldStart: {
      ms: syncMs,
      cpuSeconds: syncCpu,
      changeMs: whileStarting,
      octets: first?.octets,
      resources: first?.resources,
    },
    change: result,
    restart,
  }
  const resultFolder = fileURLToPath(new URL('results', import.meta.url))
  mkdirSync(resultFolder, { recursive: true })
  const name = `${figures.date.slice(0, 10)}-mesh-${hosts}-${streams}.json`
  writeFileSync(join(resultFolder, name), `${JSON.stringify(figures, undefined, 2)}\n`)
} finally {
  agents?.stop()
  earlyAgents?.stop()
  await controller?.stop()
  rmSync(folder, { recursive: true, force: true })
}
