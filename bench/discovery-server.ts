// A controller's end of discovery with many hosts, for the agent that is measured beside it. Says its
// address; a line with a number on the standard input changes the endpoint of that host.
import { createInterface } from 'node:readline'
import { AllocatingCatalog } from '../src/allocate/allocating-catalog.ts'
import { emptyLedger } from '../src/allocate/ledger.ts'
import { systemClock } from '../src/base/clock.ts'
import { Health } from '../src/base/health.ts'
import { silentLog } from '../src/base/log.ts'
import { Meters } from '../src/base/meters.ts'
import { AddressResources } from '../src/translate/discovery/address-resources.ts'
import type { ObjectGroup } from '../src/translate/unique-objects.ts'
import { XdsServerOptions } from '../src/xds/server/options.ts'
import { startXdsServer } from '../src/xds/server/start-xds-server.ts'
import { ObjectSource, objectOf, pools } from './change-parts.ts'

const hosts = Number(process.argv[2])
const perFile = 100

const files: ObjectGroup[] = []
for (let first = 0; first < hosts; first += perFile) {
  const objects = Array.from({ length: Math.min(perFile, hosts - first) }, (_, at) =>
    objectOf(first + at),
  )
  files.push({ name: `f${first / perFile}.yaml`, objects })
}
const source = new ObjectSource()
source.update(files)
const ports = { clock: systemClock, log: silentLog, health: new Health(), meters: new Meters() }
const catalog = new AllocatingCatalog({ pools, restMs: 60_000 }, emptyLedger, {
  ...ports,
  source,
  save: async () => {},
})
await catalog.start()
const resources = new AddressResources({ clusterId: 'bench' })
const server = await startXdsServer(
  XdsServerOptions.parse({ plaintextAddress: '127.0.0.1:0', tlsAddresses: [] }),
  {
    ...ports,
    authenticator: { authenticate: () => Promise.reject(new Error('nobody')) },
    tls: { current: () => ({ chain: '', key: '', roots: '' }), follow() {} },
    followers: { connected: async () => {}, disconnected() {}, healthReported() {} },
    scopeOf: () => ({ key: 'all', sees: () => true }),
    nameTableOf: () => ({ octets: new Uint8Array(), version: '' }),
    services: [],
  },
)
server.publish(resources.update(catalog.services().keys(), catalog))
catalog.follow((change) => server.publish(resources.update(change.hosts, catalog)))
console.log(`127.0.0.1:${server.addresses().plaintext[0]?.port}`)

let version = 0
for await (const line of createInterface(process.stdin)) {
  const index = Number(line)
  const at = Math.floor(index / perFile)
  const file = files[at]
  version += 1
  if (file) {
    files[at] = { ...file, objects: file.objects.with(index % perFile, objectOf(index, version)) }
  }
  source.update(files)
}
await server.stop()
