import { hash } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { familyOf, type IpAddress, type IpFamily } from '../../ip/address.ts'
import type { Catalog } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { ViewScope } from '../../registry/scope.ts'
import { seenHost } from '../../registry/view.ts'
import { NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { type Chunk, JoinedChunks } from './joined-chunks.ts'
import { type NameEntry, nameEntriesOf } from './name-entries.ts'
import { TableHash } from './table-hash.ts'

/** The facts about an Istio proxy that decide what its name table holds. */
export interface NameTableReader {
  readonly namespace: string
  readonly scope: ViewScope
  /** Its own; they say which families it can use. */
  readonly addresses: readonly IpAddress[]
  /** Only who answers DNS questions itself is given virtual addresses. */
  readonly capturesDns: boolean
  readonly network?: string
}

/** An encoded `istio.networking.nds.v1.NameTable`, complete. */
export interface EncodedNameTable {
  readonly octets: Uint8Array
  /** Made of the content alone. */
  readonly version: string
}

/** Proxies with the same key are told the same. */
export function nameTableKey(reader: NameTableReader): string {
  const { scope, capturesDns, network = '' } = reader
  return JSON.stringify([scope.key, familiesOf(reader), capturesDns, network])
}

/** The name table of the proxies with one key; told which hosts changed, it looks at these only. */
export class ProxyNameTable {
  readonly #catalog: Pick<Catalog, 'services' | 'virtualAddresses'>
  readonly #reader: NameTableReader
  readonly #versions = new Map<Hostname, string>()
  /** Name tables of single hosts: such messages one behind the other are one message. */
  readonly #chunks = new JoinedChunks()
  readonly #hash = new TableHash()
  #encoded: EncodedNameTable | undefined

  constructor(catalog: Pick<Catalog, 'services' | 'virtualAddresses'>, reader: NameTableReader) {
    this.#catalog = catalog
    this.#reader = reader
    this.update(catalog.services().keys())
  }

  /** Takes over what the catalog now says of the hosts. */
  update(hosts: Iterable<Hostname>): void {
    for (const host of hosts) {
      const chunk = this.#chunkOf(host)
      const before = this.#versions.get(host)
      const after = chunk && hash('sha256', chunk.octets, 'base64url').slice(0, 12)
      if (before === after) continue
      this.#encoded = undefined
      this.#chunks.set(host, chunk)
      if (before !== undefined) this.#hash.remove(host, before)
      if (after === undefined) this.#versions.delete(host)
      else {
        this.#hash.add(host, after)
        this.#versions.set(host, after)
      }
    }
  }

  /** The same object as long as nothing changed. */
  message(): EncodedNameTable {
    this.#encoded ??= { octets: this.#chunks.join(), version: this.#hash.toString() }
    return this.#encoded
  }

  #chunkOf(host: Hostname): Chunk | undefined {
    const services = this.#catalog.services().get(host) ?? []
    const { namespace, scope, capturesDns, network } = this.#reader
    const families = familiesOf(this.#reader)
    const virtualFamilies = capturesDns ? families : []
    const viewer = { namespace, scope, virtualFamilies }
    const seen = seenHost(services, this.#catalog.virtualAddresses(), viewer)
    if (!seen) return undefined
    const entries = nameEntriesOf(seen, {
      namespace,
      families: new Set(families),
      ...(network === undefined ? {} : { network }),
    })
    return entries.size === 0 ? undefined : encode(entries)
  }
}

/** In the order in which virtual addresses are listed; both where the proxy does not say. */
function familiesOf({ addresses }: NameTableReader): readonly IpFamily[] {
  const own = new Set(addresses.map(familyOf))
  return ([4, 6] as const).filter((family) => own.size === 0 || own.has(family))
}

/** Where two hosts make one name, the last one counts: Kubernetes. */
function encode(entries: ReadonlyMap<string, NameEntry>): Chunk {
  const table = Object.fromEntries(
    [...entries].map(([name, entry]) => [name, { ...entry, ips: [...entry.ips] }]),
  )
  const octets = toBinary(NameTableSchema, create(NameTableSchema, { table }))
  const isLast = [...entries.values()].some(({ registry }) => registry === 'Kubernetes')
  return { octets, isLast }
}
