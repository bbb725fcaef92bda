import { hash } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { familyOf, type IpAddress, type IpFamily } from '../../ip/address.ts'
import type { Catalog } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { ViewScope } from '../../registry/scope.ts'
import { seenHost } from '../../registry/view.ts'
import { NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
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

/** What one host contributes. */
interface Chunk {
  /** A name table of its own: such messages one behind the other are one message. */
  readonly octets: Uint8Array
  readonly version: string
  readonly isKubernetes: boolean
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
  readonly #chunks = new Map<Hostname, Chunk>()
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
      const before = this.#chunks.get(host)
      const after = this.#chunkOf(host)
      if (before?.version === after?.version) continue
      this.#encoded = undefined
      if (before) this.#hash.remove(host, before.version)
      if (after) {
        this.#hash.add(host, after.version)
        this.#chunks.set(host, after)
      } else this.#chunks.delete(host)
    }
  }

  /** The same object as long as nothing changed. */
  message(): EncodedNameTable {
    this.#encoded ??= { octets: this.#join(), version: this.#hash.toString() }
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

  /** Where two hosts make one name, the last one counts: Kubernetes. */
  #join(): Uint8Array {
    const chunks = [...this.#chunks.values()]
    const ordered = [
      ...chunks.filter(({ isKubernetes }) => !isKubernetes),
      ...chunks.filter(({ isKubernetes }) => isKubernetes),
    ]
    return Buffer.concat(ordered.map(({ octets }) => octets))
  }
}

/** In the order in which virtual addresses are listed; both where the proxy does not say. */
function familiesOf({ addresses }: NameTableReader): readonly IpFamily[] {
  const own = new Set(addresses.map(familyOf))
  return ([4, 6] as const).filter((family) => own.size === 0 || own.has(family))
}

function encode(entries: ReadonlyMap<string, NameEntry>): Chunk {
  const table = Object.fromEntries(
    [...entries].map(([name, entry]) => [name, { ...entry, ips: [...entry.ips] }]),
  )
  const octets = toBinary(NameTableSchema, create(NameTableSchema, { table }))
  const isKubernetes = [...entries.values()].some(({ registry }) => registry === 'Kubernetes')
  return { octets, version: hash('sha256', octets, 'base64url').slice(0, 12), isKubernetes }
}
