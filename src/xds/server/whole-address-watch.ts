import type { DiscoveryRequest } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { TableHash } from '../../translate/discovery/table-hash.ts'
import { typeUrls } from '../type-url.ts'
import type { AddressEntry } from './address-collection.ts'
import type { AddressWatchPorts } from './delta-address-watch.ts'
import { seesAny } from './everything-walk.ts'
import type { Exchange } from './exchange.ts'
import type { ProxyScope } from './ports.ts'
import { innerAny, wholeResponse } from './response-octets.ts'
import { checkCount, checkNames } from './subscription-limit.ts'
import type { DueResponse, Watch } from './watch.ts'

/** Services and workloads in the variant that sends everything whenever something changed. */
export class WholeAddressWatch implements Watch<DiscoveryRequest> {
  readonly typeUrl = typeUrls.address
  readonly exchange: Exchange
  /** It needs no history: it always has all. */
  readonly needs = Number.POSITIVE_INFINITY
  readonly #ports: AddressWatchPorts
  #scope: ProxyScope
  #names: ReadonlySet<string> | undefined
  /** Whether the answer is sent even if it is the same as before. */
  #owesWord = false
  #seenRevision = -1

  constructor(exchange: Exchange, scope: ProxyScope, ports: AddressWatchPorts) {
    this.exchange = exchange
    this.#scope = scope
    this.#ports = ports
  }

  get interest(): number | 'all' {
    return this.#names?.size || 'all'
  }

  receive({ resourceNames, responseNonce }: DiscoveryRequest): void {
    checkNames(resourceNames)
    const names = new Set(resourceNames)
    checkCount(names.size, this.#ports.maxNames)
    if (responseNonce === '') this.exchange.abandon()
    const same = this.#names?.size === names.size && names.isSubsetOf(this.#names)
    if (responseNonce === '' || !same) this.#owesWord = true
    this.#names = names
  }

  notice({ scope }: { readonly scope?: ProxyScope }): void {
    if (!scope) return
    if (scope.key !== this.#scope.key) this.#seenRevision = -1
    this.#scope = scope
  }

  next(): DueResponse {
    const { collection } = this.#ports
    if (!this.#names || this.exchange.isWaiting) return 'nothing'
    if (this.#seenRevision === collection.revision && !this.#owesWord) return 'nothing'
    this.#seenRevision = collection.revision
    const resources = [...this.#resources(this.#names)].flatMap(({ resource }) => resource ?? [])
    const hash = new TableHash()
    for (const { name, version } of resources) hash.add(name, version)
    const version = hash.toString()
    if (version === this.exchange.sent?.version && !this.#owesWord) return 'nothing'
    this.#owesWord = false
    const { nonce } = this.exchange.send(version)
    const envelope = { typeUrl: this.typeUrl, version, nonce }
    return wholeResponse(envelope, resources.map(innerAny))
  }

  /** What of it there is, and may be seen. */
  #resources(names: ReadonlySet<string>): Set<AddressEntry> {
    const { collection } = this.#ports
    const all = names.size === 0 || names.has('*')
    const entries = all
      ? [...collection.entries()]
      : [...names].flatMap((name) => collection.find(name))
    return new Set(
      entries.filter(({ resource }) => resource && seesAny(this.#scope, resource.services)),
    )
  }
}
