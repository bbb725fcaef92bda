import { Mesh, type MeshChange } from '../src/agent/mesh.ts'
import { AllocatingCatalog } from '../src/allocate/allocating-catalog.ts'
import { emptyLedger } from '../src/allocate/ledger.ts'
import { buildRouteTable } from '../src/balance/route-table.ts'
import { systemClock } from '../src/base/clock.ts'
import { Health } from '../src/base/health.ts'
import { silentLog } from '../src/base/log.ts'
import { Meters } from '../src/base/meters.ts'
import { CapturedAddresses } from '../src/capture/captured-addresses.ts'
import { parsePrefix } from '../src/ip/prefix.ts'
import type { CatalogChange, ServicesByHost } from '../src/registry/catalog.ts'
import type { Sidecar } from '../src/registry/sidecar.ts'
import type { Source } from '../src/registry/source.ts'
import { HostTable } from '../src/resolve/host-table.ts'
import type { MeshObject } from '../src/translate/mesh-object.ts'
import { parseObject } from '../src/translate/parse-object.ts'
import { Translator } from '../src/translate/translator.ts'
import { type ObjectGroup, UniqueObjects } from '../src/translate/unique-objects.ts'

export const translateOptions = {
  clusterDomain: 'cluster.local',
  defaultExportTo: ['*'],
  autoAllocate: true,
}
export const pools = { v4: parsePrefix('240.0.0.0/12'), v6: parsePrefix('2001:2::/48') }
export const viewer = {
  namespace: 'default',
  clusterDomain: 'cluster.local',
  virtualFamilies: [4, 6] as const,
}

/** What a ServiceEntry of the bench says; every second one has an address of its own, in the network `10`. */
export function entryOf(index: number, version = 0, network = 10) {
  const number = index.toString()
  const address = `${network}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `s${number}` },
    spec: {
      hosts: [`s${number}.bench.internal`],
      ...(index % 2 === 0 ? {} : { addresses: [address] }),
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: `172.16.${(version >> 8) & 255}.${version & 255}` }],
    },
  }
}

/** The checked object, without any text behind it. */
export function objectOf(index: number, version = 0, network = 10): MeshObject {
  const place = { line: 1 + (index % 100) * 20, column: 1 }
  const { object } = parseObject(
    {
      file: `f${Math.floor(index / 100)}.yaml`,
      ...place,
      value: entryOf(index, version, network),
      locate: () => place,
      locateKey: () => place,
      locateInside: () => place,
    },
    { defaultNamespace: 'default' },
  )
  if (!object) throw new Error(`object ${index} was refused`)
  return object
}

/** What a source of files is behind its files. */
export class ObjectSource implements Source {
  readonly name = 'bench'
  readonly unique = new UniqueObjects()
  readonly translator = new Translator(translateOptions)
  readonly #followers: ((change: CatalogChange) => void)[] = []

  services(): ServicesByHost {
    return this.translator.services()
  }

  sidecars(): readonly Sidecar[] {
    return noSidecars
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  async reload(): Promise<void> {}

  async stop(): Promise<void> {}

  update(groups: readonly ObjectGroup[]): void {
    const hosts = this.translator.update(this.unique.update(groups))
    for (const onChange of this.#followers) onChange({ hosts, sidecars: false })
  }
}

const noSidecars: readonly Sidecar[] = []

/** Everything of an agent from its source to the tables of connections and names. */
export async function startAgentParts(source: Source) {
  const ports = { clock: systemClock, log: silentLog, health: new Health(), meters: new Meters() }
  const save = async () => {}
  const allocating = { pools, restMs: 60_000 }
  const catalog = new AllocatingCatalog(allocating, emptyLedger, { ...ports, source, save })
  await catalog.start()
  const prefixes = [pools.v4, pools.v6]
  const routes = buildRouteTable(new Map(), prefixes)
  const captured = new CapturedAddresses(prefixes)
  const names = new HostTable()
  let published: MeshChange | undefined
  const publish = async (change: MeshChange) => {
    for (const [host, seen] of change.hosts) {
      routes.update(host, seen)
      captured.update(host, seen)
    }
    captured.prefixes()
    names.update(change.delta)
    published = change
  }
  const families = () => viewer.virtualFamilies
  const mesh = new Mesh(viewer, { ...ports, catalog, families, publish })
  await mesh.start()
  const settled = async () => {
    await catalog.settled()
    await mesh.settled()
  }
  const stop = async () => {
    await mesh.stop()
    await catalog.stop()
  }
  return { catalog, mesh, settled, stop, published: () => published }
}
