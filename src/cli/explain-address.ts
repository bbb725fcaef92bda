import type { IpAddress } from '../ip/address.ts'
import { contains, formatPrefix } from '../ip/prefix.ts'
import type { MeshHost } from '../registry/view.ts'
import { splitOwner } from '../registry/virtual-addresses.ts'
import { formatOrigin, formatPlace } from './describe-service.ts'
import { connectionFacts } from './explain-connections.ts'
import { addressFacts, declarationFacts } from './explain-host.ts'
import type { Explanation, Fact } from './explanation.ts'
import type { OfflineMesh } from './offline-mesh.ts'

/** Whose address it is, and where connections to it go. */
export function explainAddress(address: IpAddress, mesh: OfflineMesh): Explanation {
  const holders = [...mesh.view.values()].filter((host) => holds(host, address))
  const [holder, ...others] = holders
  if (!holder) return explainUnheld(address, mesh)
  const kind = holder.virtual.includes(address) ? 'the virtual address' : 'an explicit address'
  const facts = [
    ...declarationFacts(holder, mesh),
    ...others.map(sharedFact),
    ...addressFacts(holder),
    ...connectionFacts(holder, address, mesh),
  ]
  const { host, namespace } = holder
  return { subject: address, verdict: `${kind} of ${host}`, host, namespace, facts }
}

function holds({ virtual, services }: MeshHost, address: IpAddress): boolean {
  if (virtual.includes(address)) return true
  return services.some(
    ({ addresses, prefixes }) =>
      addresses.includes(address) || prefixes.some((prefix) => contains(prefix, address)),
  )
}

function sharedFact({ host, services }: MeshHost): Fact {
  const [first] = services
  const text = `${host} has it, too: of services with the same port the oldest gets the connection`
  return first
    ? { topic: 'address', text, place: formatPlace(first.origin) }
    : { topic: 'address', text }
}

function explainUnheld(address: IpAddress, mesh: OfflineMesh): Explanation {
  const pool = [mesh.pools.v4, mesh.pools.v6].find((prefix) => contains(prefix, address))
  const resting = mesh.ledger.resting.get(address)
  const endpointOf = [...mesh.view.values()]
    .flatMap(({ services }) => services)
    .filter((service) =>
      service.endpoints.some(
        ({ target, otherAddresses }) =>
          (target.kind === 'ip' && target.address === address) || otherAddresses.includes(address),
      ),
    )
  const facts: Fact[] = endpointOf.map(({ host, origin }) => ({
    topic: 'declared by',
    text: `${formatOrigin(origin)} has it as an endpoint of ${host}`,
    place: formatPlace(origin),
  }))
  if (resting) {
    const until = new Date(resting.untilMs).toISOString()
    facts.push({
      topic: 'address',
      text: `it was given to ${resting.owner} and rests until ${until}`,
    })
  }
  const unseen = [...mesh.ledger.held].find(([, { v4, v6 }]) => v4 === address || v6 === address)
  if (unseen) {
    const { namespace, host } = splitOwner(unseen[0])
    const text = `it was given to ${host} for its entries of namespace ${namespace}, which are not used: meshdns explain ${host}`
    facts.push({ topic: 'address', text })
  }
  if (pool) {
    facts.push({
      topic: 'address',
      text: `it lies in ${formatPrefix(pool)}, the range of virtual addresses`,
    })
    facts.push({ topic: 'connection', text: 'refused at once: no name is answered with it' })
    const verdict = `a virtual address that ${unseen ? 'is not used here' : 'nobody holds'}`
    return { subject: address, verdict, facts }
  }
  facts.push({ topic: 'connection', text: 'left alone: they go where they would go without us' })
  return { subject: address, verdict: 'not an address of the mesh', facts }
}
