import type { Client, Transport } from '../resolve/driver.ts'

/** The side of the resolver that listeners bring queries to. */
export interface QueryPort {
  /** Writes the answer into `out` and returns its length, or 0 when `query` must be taken. */
  answer(
    query: Uint8Array,
    length: number,
    out: Uint8Array,
    transport: Transport,
    nowMs: number,
  ): number
  /** Answers through the client, now or later. */
  query(octets: Uint8Array, client: Client, nowMs: number): void
}

const headerOctets = 12
const responseBit = 0x80

/** Why nobody should answer these octets, if so: an answer to an answer would never end. */
export function reasonToDrop(octets: Uint8Array): 'short' | 'response' | undefined {
  if (octets.length < headerOctets) return 'short'
  return ((octets[2] ?? 0) & responseBit) === 0 ? undefined : 'response'
}
