import type { RestingAddress } from '../../allocate/ledger.ts'
import type { Clock } from '../../base/clock.ts'
import { ownLabels, sharedNames } from '../../config/cluster-object-names.ts'
import { valueAt } from '../../config/layer.ts'
import { mapAt, type PlainMap, textAt } from '../../documents/plain-map.ts'
import type { IpAddress } from '../../ip/address.ts'
import { tryParseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { findObject } from '../client/find-object.ts'
import { type OwnerMark, parseRanges } from './address-ranges.ts'

/** What leaders tell one another. */
export interface RecordContents {
  /** Every address that stands somewhere or is about to, and for whom. */
  readonly given: Iterable<readonly [IpAddress, OwnerMark]>
  /** Those that only their owner may have, until a moment. */
  readonly resting: ReadonlyMap<IpAddress, RestingAddress>
}

/** What a leader is about to tell those after it. */
export interface NewContents extends Pick<RecordContents, 'resting'> {
  /** In words, of at most so many octets. */
  readonly given: { format(limitOctets: number): string }
}

export interface RecordOptions {
  /** The controller's own. */
  readonly namespace: string
  /** Who writes. */
  readonly identity: string
}

export interface RecordPorts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
}

/** Objects have at most 1 MiB (etcd takes 1.5), with their metadata. */
const rangeOctets = 550_000
const restOctets = 350_000

/**
 * The ConfigMap in which each leader writes which addresses it gives and which rest, before any status
 * says so; and by which it notices that another leader came after it, whatever the Lease says.
 *
 * Beyond the size of an object, resting addresses lose the names of their owners, latest ends first, and
 * then all the marks of theirs: after a change of leader they rest again, for everybody.
 */
export class AddressRecord {
  readonly #options: RecordOptions
  readonly #ports: RecordPorts
  #version: string | undefined
  #writes = 0

  constructor(options: RecordOptions, ports: RecordPorts) {
    this.#options = options
    this.#ports = ports
  }

  /**
   * Reads what the last leader wrote. What is saved from now on replaces that, and nothing else.
   * @throws {ApiFailure} when the cluster does not say.
   */
  async load(): Promise<RecordContents> {
    const raw = await findObject(this.#ports.client, this.#path)
    this.#version = raw && versionOf(raw)
    const data = mapAt(raw, 'data')
    return {
      given: parseRanges(textAt(data, 'given')),
      resting: parseResting(textAt(data, 'resting')),
    }
  }

  /** @throws {ApiFailure} with status 409 when another one wrote since. */
  async save({ given, resting }: NewContents): Promise<void> {
    const { namespace, identity } = this.#options
    this.#writes += 1
    // What is equal would not be written, and then nobody before us would notice that we came.
    const writer = `${identity} ${new Date(this.#ports.clock.wall()).toISOString()} ${this.#writes}`
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace,
        name: sharedNames.quarantineConfigMap,
        labels: ownLabels,
        ...(this.#version === undefined ? {} : { resourceVersion: this.#version }),
      },
      data: { writer, given: given.format(rangeOctets), resting: formatResting(resting) },
    }
    const raw = await this.#ports.client.call({
      body,
      ...(this.#version === undefined
        ? { method: 'POST', path: this.#folder }
        : { method: 'PUT', path: this.#path }),
    })
    this.#version = versionOf(raw)
  }

  get #folder(): string {
    return `/api/v1/namespaces/${this.#options.namespace}/configmaps`
  }

  get #path(): string {
    return `${this.#folder}/${sharedNames.quarantineConfigMap}`
  }
}

function versionOf(raw: PlainMap): string {
  return String(valueAt(raw, ['metadata', 'resourceVersion']))
}

/** Lines `ADDRESS UNTIL OWNER`, first ends first. */
function formatResting(resting: RecordContents['resting']): string {
  const lines: string[] = []
  let octets = 0
  const inOrder = [...resting].sort(([, a], [, b]) => a.untilMs - b.untilMs)
  for (const [address, { owner, untilMs }] of inOrder) {
    const line = `${address} ${new Date(untilMs).toISOString()} ${owner}`
    octets += line.length + 1
    if (octets > restOctets) break
    lines.push(line)
  }
  return lines.join('\n')
}

function parseResting(text: string): Map<IpAddress, RestingAddress> {
  const resting = new Map<IpAddress, RestingAddress>()
  for (const line of text.split('\n')) {
    const [first = '', time = '', owner = ''] = line.split(' ')
    const address = tryParseIp(first)
    const untilMs = Date.parse(time)
    if (address === undefined || Number.isNaN(untilMs)) continue
    resting.set(address, { owner: owner as VirtualOwner, untilMs })
  }
  return resting
}
