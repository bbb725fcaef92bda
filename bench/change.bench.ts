import { allocate } from '../src/allocate/allocate.ts'
import { emptyLedger, type Ledger } from '../src/allocate/ledger.ts'
import { explicitAddresses, wantedOwners } from '../src/allocate/wanted.ts'
import { buildRouteTable } from '../src/balance/route-table.ts'
import { capturedAddresses } from '../src/capture/captured-addresses.ts'
import { diffNameTables, type NameTable, nameTableOf } from '../src/registry/name-table.ts'
import { servicesByHost } from '../src/registry/services-by-host.ts'
import { viewOf } from '../src/registry/view.ts'
import type { MeshObject } from '../src/translate/mesh-object.ts'
import { translate } from '../src/translate/translate.ts'
import type { ObjectGroup } from '../src/translate/unique-objects.ts'
import {
  ObjectSource,
  objectOf,
  pools,
  startAgentParts,
  translateOptions,
  viewer,
} from './change-parts.ts'
import { cpuMs, measureCpu } from './cpu-time.ts'
import { formatSpread } from './spread.ts'

const hosts = Number(process.argv[2] ?? 100_000)
const rounds = 30

const files: ObjectGroup[] = []
for (let first = 0; first < hosts; first += 100) {
  const objects = Array.from({ length: Math.min(100, hosts - first) }, (_, at) =>
    objectOf(first + at),
  )
  files.push({ name: `f${first / 100}.yaml`, objects })
}

/** Puts other objects into one file. */
function edit(
  index: number,
  change: (objects: readonly MeshObject[]) => readonly MeshObject[],
): void {
  const at = Math.floor(index / 100)
  const file = files[at]
  if (file) files[at] = { ...file, objects: change(file.objects) }
}

function replace(index: number, object: MeshObject): void {
  edit(index, (objects) => objects.with(index % 100, object))
}

let whole: { ledger: Ledger; table: NameTable } = { ledger: emptyLedger, table: new Map() }

/** Everything anew, as it is done once at the start. */
function workOutAll(): void {
  const { services } = translate(
    files.flatMap(({ objects }) => objects),
    translateOptions,
  )
  const request = { pools, wallMs: 0, restMs: 60_000, ledger: whole.ledger }
  const wanted = wantedOwners(services)
  const { ledger } = allocate({ ...request, wanted, explicit: explicitAddresses(services) })
  const view = viewOf(servicesByHost(services), ledger.held, viewer)
  const table = nameTableOf(view, viewer)
  diffNameTables(whole.table, table)
  buildRouteTable(view, [pools.v4, pools.v6])
  capturedAddresses(view, [pools.v4, pools.v6])
  whole = { ledger, table }
}

workOutAll()
let version = 1
const all = await measureCpu(5, () => {
  replace(0, objectOf(0, (version += 1)))
  workOutAll()
})

const source = new ObjectSource()
const start = await cpuMs(() => source.update(files))
const before = process.memoryUsage().heapUsed
let agent: Awaited<ReturnType<typeof startAgentParts>> | undefined
const startRest = await cpuMs(async () => {
  agent = await startAgentParts(source)
})
const { settled, stop, published } = agent ?? (await startAgentParts(source))
const perHost = (process.memoryUsage().heapUsed - before) / hosts

async function change(index: number, object: MeshObject): Promise<void> {
  replace(index, object)
  source.update(files)
  await settled()
  if (published()?.hosts.size !== 1) throw new Error('not one host was published')
}

const far = (round: number) => (round * 7919) % hosts
const endpoint = await measureCpu(rounds, (round) =>
  change(far(round), objectOf(far(round), (version += 1))),
)
const readdressed = await measureCpu(rounds, (round) =>
  change(far(round) | 1, objectOf(far(round) | 1, version, 11)),
)
const added = await measureCpu(rounds, async (round) => {
  const object = objectOf(hosts + round * 2)
  edit(hosts - 1, (objects) => [...objects, object])
  source.update(files)
  await settled()
})
await stop()

console.log(`${hosts} hosts, CPU time in milliseconds: median (least to most)`)
console.log(
  `start: objects to services ${start.toFixed(0)}, services to tables ${startRest.toFixed(0)} (${perHost.toFixed(0)} octets of heap a host)`,
)
console.log(`everything anew:       ${formatSpread(all, 1)}`)
console.log(`one endpoint changes:  ${formatSpread(endpoint, 2)}`)
console.log(`one address changes:   ${formatSpread(readdressed, 2)}`)
console.log(`one host is added:     ${formatSpread(added, 1)}`)
console.log(`an endpoint costs 1/${(all.median / endpoint.median).toFixed(0)} of everything`)
