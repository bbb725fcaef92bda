import { parseIp } from '../ip/address.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { hostname } from './mesh.ts'

/** A record with these addresses and nothing else but what `more` says. */
export function nameRecord(
  host: string,
  addresses: readonly string[],
  more: Partial<NameRecord> = {},
): NameRecord {
  const parsed = addresses.map(parseIp)
  return {
    host: hostname(host),
    aliases: [],
    addresses: parsed,
    reverse: parsed,
    ports: [],
    endpoints: [],
    ...more,
  }
}
