import type { Nearness, Place, PlaceScope } from '../registry/nearness.ts'

/**
 * How many of the scopes the endpoint does not share with the client, from the first one on that it does not; 0 is nearest.
 *
 * What a client does not know of itself tells no endpoints apart, but for the node: nobody is on the same node as a
 * client that is on none.
 */
export function distanceOf(endpoint: Place, client: Place, { scopes }: Nearness): number {
  const first = scopes.findIndex((scope) => !isShared(scope, endpoint, client))
  return first === -1 ? 0 : scopes.length - first
}

function isShared(scope: PlaceScope, endpoint: Place, client: Place): boolean {
  switch (scope) {
    case 'NETWORK':
      return isSameOrOpen(endpoint.network, client.network)
    case 'REGION':
      return isSamePart(0, endpoint, client)
    case 'ZONE':
      return isSamePart(1, endpoint, client)
    case 'SUBZONE':
      return isSamePart(2, endpoint, client)
    case 'NODE':
      return client.node !== undefined && endpoint.node === client.node
  }
}

function isSamePart(index: number, endpoint: Place, client: Place): boolean {
  if (client.locality === undefined) return true
  const partOf = (locality = '') => locality.split('/')[index] ?? ''
  return partOf(endpoint.locality) === partOf(client.locality)
}

/** Endpoints that name no network are in that of the mesh, as most clients are. */
function isSameOrOpen(endpoint: string | undefined, client: string | undefined): boolean {
  return endpoint === undefined || client === undefined || endpoint === client
}
