import { KubernetesSource } from '../src/kubernetes/source/kubernetes-source.ts'
import { translateOptions } from './change-parts.ts'
import { cpuMs, measureCpu } from './cpu-time.ts'
import { type ClusterSize, HeldCluster } from './kubernetes/held-cluster.ts'
import { formatSpread } from './spread.ts'

const services = Number(process.argv[2] ?? 10_000)
const podsPerService = 5
const rounds = 200

function heapOctets(): number {
  if (!globalThis.gc) throw new Error('run it with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** What a source holds of a cluster, and how long its first lists take. */
async function hold(size: ClusterSize) {
  const cluster = new HeldCluster(size)
  const before = heapOctets()
  let source: KubernetesSource | undefined
  const firstMs = await cpuMs(async () => {
    source = await new KubernetesSource(translateOptions, cluster.ports).start()
  })
  if (!source) throw new Error('there is no source')
  if (source.services().size !== size.services)
    throw new Error(`${source.services().size} services`)
  return { cluster, source, firstMs, octets: heapOctets() - before }
}

// Once to be warm.
const warm = await hold({ services: 200, podsPerService })
await warm.source.stop()
const alone = await hold({ services, podsPerService: 0 })
await alone.source.stop()
const whole = await hold({ services, podsPerService })

const told = new Set<string>()
whole.source.follow(({ hosts }) => {
  for (const host of hosts) told.add(host)
})
const change = await measureCpu(rounds, (round) => {
  told.clear()
  whole.cluster.change((round * 37) % services, 1 + (round % podsPerService))
  if (told.size !== 1) throw new Error(`${told.size} hosts changed`)
  whole.cluster.clock.advance(100)
})
await whole.source.stop()

const perService = alone.octets / services
const perPod = (whole.octets - alone.octets) / (services * podsPerService)
console.log(`${services} services, ${services * podsPerService} pods`)
console.log(`heap for a service:                ${perService.toFixed(0)} octets`)
console.log(`heap for a pod (an endpoint):      ${perPod.toFixed(0)} octets`)
console.log(`heap of all:                       ${(whole.octets / 2 ** 20).toFixed(1)} MiB`)
console.log(`first lists to services, CPU:      ${whole.firstMs.toFixed(0)} ms`)
console.log(
  `one endpoint changes, to follower: ${formatSpread(change, 3)} ms CPU, median (least to most)`,
)
