// What an agent spends on a controller: the first table, one change, and what it keeps on disk.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Mesh, type MeshChange } from '../src/agent/mesh.ts'
import { createPublish } from '../src/agent/publish.ts'
import { buildRouteTable } from '../src/balance/route-table.ts'
import { systemClock } from '../src/base/clock.ts'
import { Health } from '../src/base/health.ts'
import { silentLog } from '../src/base/log.ts'
import { Meters } from '../src/base/meters.ts'
import { createRandom } from '../src/base/random.ts'
import { CapturedAddresses } from '../src/capture/captured-addresses.ts'
import { HostTable } from '../src/resolve/host-table.ts'
import { nodeOf } from '../src/xds/client/node.ts'
import { ControllerOptions } from '../src/xds/client/options.ts'
import { savedTableFile } from '../src/xds/client/saved-table.ts'
import { XdsSource } from '../src/xds/client/xds-source.ts'
import { pools, viewer } from './change-parts.ts'
import { formatSpread, spreadOf } from './spread.ts'

const hosts = Number(process.argv[2] ?? 100_000)
const rounds = 50
const virtualRanges = [pools.v4, pools.v6]

const program = fileURLToPath(new URL('discovery-server.ts', import.meta.url))
const server: ChildProcessByStdio<Writable, Readable, null> = spawn(
  process.execPath,
  [program, String(hosts)],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
const address: string = await new Promise((resolve) => {
  createInterface(server.stdout).once('line', resolve)
})
const folder = await mkdtemp(join(tmpdir(), 'meshdns-bench-'))

/** An agent from its stream to the tables of connections and names. */
async function startAgent(addresses: readonly string[]) {
  const ports = { clock: systemClock, log: silentLog, health: new Health(), meters: new Meters() }
  const source = new XdsSource(
    {
      controller: ControllerOptions.parse({ addresses, tls: 'never', saveEveryMs: 100 }),
      stateFolder: folder,
      reading: { clusterDomain: 'cluster.local', virtualRanges, source: 'controller' },
    },
    {
      ...ports,
      random: createRandom(),
      node: () => nodeOf({ name: 'vm', namespace: 'default', addresses: [], dnsCapture: true }, {}),
      resolve: async () => [],
    },
  )
  const routes = buildRouteTable(new Map(), virtualRanges)
  const captured = new CapturedAddresses(virtualRanges)
  const names = new HostTable()
  const waiting: (() => void)[] = []
  const putInForce = createPublish({
    routes,
    captured,
    captureAddresses: async () => {},
    updateNames: (delta) => void names.update(delta),
  })
  const publish = async (change: MeshChange) => {
    await putInForce(change)
    if (change.hosts.size > 0) for (const resolve of waiting.splice(0)) resolve()
  }
  const families = () => viewer.virtualFamilies
  const mesh = new Mesh(viewer, { ...ports, catalog: source, families, publish })
  await source.start()
  await mesh.start()
  const published = () => new Promise<void>((resolve) => waiting.push(resolve))
  const stop = async () => {
    await mesh.stop()
    await source.stop()
  }
  return { source, mesh, published, stop }
}

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

const residentMib = () => process.memoryUsage.rss() / 1024 / 1024
const collect = globalThis.gc ?? (() => {})

/** What some work takes, and the longest time for which nothing else was done meanwhile. */
async function measure(work: () => Promise<void>): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  delay.enable()
  await work()
  delay.disable()
  const took = performance.now() - wall
  return `${took.toFixed(0)} ms, CPU ${cpuMs(cpu).toFixed(0)} ms, longest block ${(delay.max / 1e6).toFixed(0)} ms`
}

const before = residentMib()
const first = await startAgent([address])
const cold = await measure(async () => {
  while (first.source.state().kind !== 'fresh') await first.published()
  await first.mesh.settled()
})
const peak = process.resourceUsage().maxRSS / 1024
collect()
const after = residentMib()
const heapMib = process.memoryUsage().heapUsed / 1024 / 1024

const cpu: number[] = []
const latency: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const published = first.published()
  const [usage, start] = [process.cpuUsage(), performance.now()]
  server.stdin.write(`${(round * 7919) % hosts}\n`)
  await published
  latency.push(performance.now() - start)
  cpu.push(cpuMs(usage))
}
const stop = await measure(() => first.stop())
const { size } = await stat(savedTableFile(folder))
server.stdin.end()
await once(server, 'exit')
let held = 0
const restart = await measure(async () => {
  const second = await startAgent(['127.0.0.1:1'])
  held = second.source.services().size
  await second.stop()
})
await rm(folder, { recursive: true })

console.log(`${hosts} hosts`)
console.log(`first table, until in force:   ${cold}`)
console.log(
  `resident: ${before.toFixed(0)} MiB before, ${after.toFixed(0)} after, ${peak.toFixed(0)} at most; heap in use ${heapMib.toFixed(0)}`,
)
console.log(`one endpoint changes, agent:   CPU ${formatSpread(spreadOf(cpu), 2)} ms`)
console.log(`from file to tables, both:     ${formatSpread(spreadOf(latency), 1)} ms`)
console.log(`saved table: ${(size / 1024 / 1024).toFixed(1)} MiB; stop ${stop}`)
console.log(`start from the saved table:    ${restart} (${held} hosts)`)
