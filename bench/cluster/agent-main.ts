/**
 * What an agent holds of a controller, in a process of its own: `agent-main.ts PORT FOLDER`.
 *
 * Each change of its table is a line of JSON on standard output; SIGTERM ends it.
 */
import { systemClock } from '../../src/base/clock.ts'
import { Health } from '../../src/base/health.ts'
import { silentLog } from '../../src/base/log.ts'
import { Meters } from '../../src/base/meters.ts'
import { createRandom } from '../../src/base/random.ts'
import { nodeOf } from '../../src/xds/client/node.ts'
import { ControllerOptions } from '../../src/xds/client/options.ts'
import { XdsSource } from '../../src/xds/client/xds-source.ts'
import type { TableChange } from './agent-process.ts'

const [port = '', stateFolder = ''] = process.argv.slice(2)

/** More than one change of one endpoint ever has. */
const mostHosts = 100

const source = new XdsSource(
  {
    controller: ControllerOptions.parse({ addresses: [`127.0.0.1:${port}`], tls: 'never' }),
    stateFolder,
    reading: { clusterDomain: 'cluster.local', virtualRanges: [], source: 'controller' },
  },
  {
    clock: systemClock,
    log: silentLog,
    health: new Health(),
    meters: new Meters(),
    random: createRandom(),
    node: () =>
      nodeOf({ name: 'agent', namespace: 'scale-0', addresses: [], dnsCapture: true }, {}),
    resolve: async () => [],
  },
)
source.follow(({ hosts }) => {
  const change: TableChange = {
    atMs: performance.timeOrigin + performance.now(),
    hosts: [...hosts].slice(0, mostHosts),
    services: source.services().size,
    virtualAddresses: source.virtualAddresses().size,
  }
  process.stdout.write(`${JSON.stringify(change)}\n`)
})
await source.start()
process.once('SIGTERM', () => process.exit(0))
