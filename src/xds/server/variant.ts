import type { DiscoveryRequest } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { typeUrls } from '../type-url.ts'
import { type AddressWatchPorts, DeltaAddressWatch } from './delta-address-watch.ts'
import type { DeltaRequest } from './delta-request.ts'
import { EmptyWatch } from './empty-watch.ts'
import type { Exchange } from './exchange.ts'
import type { ProxyScope } from './ports.ts'
import {
  deltaSingle,
  type SingleFrame,
  type SingleResource,
  SingleResourceWatch,
  wholeSingle,
} from './single-resource-watch.ts'
import type { Watch } from './watch.ts'
import { WholeAddressWatch } from './whole-address-watch.ts'
import type { StreamRequest } from './xds-stream.ts'

/** What a new watch is made of. */
export interface WatchParts {
  readonly exchange: Exchange
  readonly scope: ProxyScope
  readonly addresses: AddressWatchPorts
  readonly nameTable: () => SingleResource
  /** `undefined` where no cluster is known. */
  readonly cluster: () => SingleResource | undefined
}

/** How much is sent of what changed: only that, or everything. */
export interface Variant<Request extends StreamRequest> {
  readonly name: 'delta' | 'whole'
  /** `undefined` for types that we have nothing of. */
  createWatch(typeUrl: string, parts: WatchParts): Watch<Request> | undefined
}

/** `DeltaAggregatedResources`. */
export const deltaVariant: Variant<DeltaRequest> = {
  name: 'delta',
  createWatch(typeUrl, { exchange, scope, addresses, nameTable, cluster }) {
    if (typeUrl === typeUrls.address) return new DeltaAddressWatch(exchange, scope, addresses)
    if (typeUrl === typeUrls.nameTable) return watchNames(exchange, nameTable, deltaSingle)
    if (typeUrl === typeUrls.cluster) {
      const single = { typeUrl, frame: deltaSingle, resource: cluster, comesLast: true } as const
      return new SingleResourceWatch(exchange, single)
    }
    if (typeUrl === typeUrls.authorization) return new EmptyWatch(typeUrl, exchange)
    return undefined
  },
}

/** `StreamAggregatedResources`. */
export const wholeVariant: Variant<DiscoveryRequest> = {
  name: 'whole',
  createWatch(typeUrl, { exchange, scope, addresses, nameTable }) {
    if (typeUrl === typeUrls.address) return new WholeAddressWatch(exchange, scope, addresses)
    if (typeUrl === typeUrls.nameTable) return watchNames(exchange, nameTable, wholeSingle)
    return undefined
  },
}

function watchNames(
  exchange: Exchange,
  resource: () => SingleResource,
  frame: SingleFrame,
): SingleResourceWatch {
  return new SingleResourceWatch(exchange, { typeUrl: typeUrls.nameTable, frame, resource })
}
