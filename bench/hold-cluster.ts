/**
 * Holds a filled cluster until it is ended, so that it can be measured again and again; it prints where its
 * kubeconfig is: `node bench/hold-cluster.ts SERVICES`.
 */
import { openScaleCluster } from './cluster/open-cluster.ts'

const [services = 10_000] = process.argv.slice(2).map(Number)
const size = { services, podsPerService: 5, entries: services / 5 }
const cluster = await openScaleCluster('', size)
process.stdout.write(`${cluster.kubeconfig}\n`)
const { promise, resolve } = Promise.withResolvers<void>()
const hold = setInterval(() => {}, 60_000)
process.once('SIGTERM', () => resolve())
process.once('SIGINT', () => resolve())
await promise
clearInterval(hold)
await cluster.close()
