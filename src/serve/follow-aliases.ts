import type { IpAddress, IpFamily } from '../ip/address.ts'
import { type Name, nameKey } from '../wire/name.ts'
import type { ResourceRecord } from '../wire/record.ts'

export interface AliasEnd {
  /** The last name of the chain; its first when there is no alias. */
  readonly name: Name
  readonly addresses: readonly IpAddress[]
  /** Of the shortest-lived record on the way; infinite when there was none. */
  readonly ttlSeconds: number
}

/** Where the aliases of an answer lead, in whatever order they stand; a circle ends where it closes. */
export function followAliases(
  answers: readonly ResourceRecord[],
  start: Name,
  family: IpFamily,
): AliasEnd {
  let name = start
  let ttlSeconds = Number.POSITIVE_INFINITY
  const seen = new Set<string>()
  while (!seen.has(nameKey(name))) {
    seen.add(nameKey(name))
    const alias = answers.find((record) => isOwnedBy(record, name) && record.data.kind === 'CNAME')
    if (alias?.data.kind !== 'CNAME') break
    ttlSeconds = Math.min(ttlSeconds, alias.ttl)
    name = alias.data.name
  }
  const addresses: IpAddress[] = []
  for (const record of answers) {
    const { data, ttl } = record
    if (!isOwnedBy(record, name) || data.kind !== (family === 4 ? 'A' : 'AAAA')) continue
    addresses.push(data.address)
    ttlSeconds = Math.min(ttlSeconds, ttl)
  }
  return { name, addresses, ttlSeconds }
}

/** How long a denial counts (RFC 2308 §5); `undefined` when the authority section has no SOA. */
export function negativeTtlSeconds(authorities: readonly ResourceRecord[]): number | undefined {
  for (const { data, ttl } of authorities) {
    if (data.kind === 'SOA') return Math.min(ttl, data.minimum)
  }
  return undefined
}

function isOwnedBy(record: ResourceRecord, name: Name): boolean {
  return nameKey(record.name) === nameKey(name)
}
