import { addressLabel } from '../../ip/address-label.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Endpoint } from '../../registry/service.ts'
import type { EndpointSlice, ServiceImport } from '../mesh-object.ts'
import { portsOfSlice } from './slice-endpoints.ts'

/** Octets of a name as text, without the last dot (RFC 1035 §2.3.4). */
const longestName = 253

/**
 * The endpoints of a headless import, one for each address: their names have the cluster in them (multicluster DNS
 * specification §2.4).
 *
 * Their pods and nodes are those of other clusters, and none of ours that is called the same.
 */
export function endpointsOfImport(
  { ports }: ServiceImport,
  host: Hostname,
  slices: readonly EndpointSlice[],
): readonly Endpoint[] {
  return slices.flatMap((slice) => {
    const cluster = slice.imported?.cluster
    const mapped = portsOfSlice(slice, ports)
    return slice.endpoints.flatMap(({ addresses, hostname: own, ready, zone }) =>
      addresses.map((address) => {
        const hostname = cluster === undefined ? own : `${own ?? addressLabel(address)}.${cluster}`
        const fits = hostname !== undefined && `${hostname}.${host}`.length <= longestName
        return {
          target: { kind: 'ip' as const, address },
          otherAddresses: [],
          ports: mapped,
          weight: 1,
          healthy: ready,
          ...(fits ? { hostname } : {}),
          ...(zone === undefined ? {} : { locality: `/${zone}` }),
          origin: slice.meta.origin,
        }
      }),
    )
  })
}
