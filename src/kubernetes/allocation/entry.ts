import { asMap, type PlainMap, textAt, textsOf } from '../../documents/plain-map.ts'
import type { IpAddress } from '../../ip/address.ts'
import { tryParseIp } from '../../ip/address.ts'
import { type Prefix, tryParsePrefix } from '../../ip/prefix.ts'
import { type Hostname, tryParseHostname } from '../../registry/hostname.ts'
import { toLabels } from '../../translate/object-meta.ts'
import { isAllocatable, isHostAllocatable } from '../../translate/service-entry/allocatable.ts'
import { mostListed } from '../../translate/service-entry/entry-shape.ts'
import { nameOfValue } from '../../translate/service-entry/enumeration.ts'
import { resolutions } from '../../translate/service-entry/resolution.ts'
import { type EntryStatus, readEntryStatus } from './entry-status.ts'

/** What allocation must know of a ServiceEntry; it needs not be valid otherwise. */
export interface AllocationEntry {
  /** `NAMESPACE/NAME`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** All of them, in the order of the spec, each once. */
  readonly hosts: readonly Hostname[]
  /** Those that get addresses, with their spelling in the spec. */
  readonly wanted: ReadonlyMap<Hostname, string>
  readonly addresses: readonly IpAddress[]
  readonly prefixes: readonly Prefix[]
  readonly status: EntryStatus
}

/** `undefined` for what is no object at all. */
export function readEntry(raw: PlainMap): AllocationEntry | undefined {
  const metadata = asMap(raw['metadata'])
  const { namespace, name, generation } = metadata
  if (typeof namespace !== 'string' || typeof name !== 'string') return undefined
  const spec = asMap(raw['spec'])
  const given = listOf(spec['addresses'])
  const resolution = nameOfValue(resolutions, spec['resolution'] as string | undefined)
  const labels = toLabels(textsOf(metadata['labels']))
  const facts = { autoAllocate: true, resolution: resolution ?? 'NONE', meta: { labels } }
  const hosts = new Map<Hostname, string>()
  for (const text of boundedListOf(spec['hosts'])) {
    const host = typeof text === 'string' ? tryParseHostname(text) : undefined
    if (host !== undefined && !hosts.has(host)) hosts.set(host, String(text))
  }
  // Istio: ShouldV2AutoAllocateIPFromConfig.
  const mayHaveSome = given.length === 0 && isAllocatable(facts)
  const wanted = mayHaveSome
    ? [...hosts].filter(([host]) => isHostAllocatable(host, facts.resolution))
    : []
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: textAt(metadata, 'uid'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    generation: typeof generation === 'number' ? generation : 0,
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')) || 0,
    hosts: [...hosts.keys()],
    wanted: new Map(wanted),
    ...explicitOf(boundedListOf(given)),
    status: readEntryStatus(raw['status']),
  }
}

function explicitOf(given: readonly unknown[]) {
  const addresses: IpAddress[] = []
  const prefixes: Prefix[] = []
  for (const text of given) {
    if (typeof text !== 'string') continue
    const prefix = tryParsePrefix(text)
    const single = prefix && prefix.length === (prefix.network.includes(':') ? 128 : 32)
    const address = single ? prefix.network : tryParseIp(text)
    if (address !== undefined) addresses.push(address)
    else if (prefix) prefixes.push(prefix)
  }
  return { addresses, prefixes }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What has too many is refused elsewhere, and gets nothing here. */
function boundedListOf(value: unknown): readonly unknown[] {
  const list = listOf(value)
  return list.length > mostListed ? [] : list
}
