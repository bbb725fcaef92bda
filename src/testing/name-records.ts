import { parseIp } from '../ip/address.ts'
import { type Hostname, tryParseHostname } from '../registry/hostname.ts'
import type { NameRecord } from '../registry/name-record.ts'

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

export function hostname(text: string): Hostname {
  const host = tryParseHostname(text)
  if (host === undefined) throw new Error(`not a host name: ${text}`)
  return host
}
