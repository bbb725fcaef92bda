import { type Hostname, isWildcard, tryParseHostname } from '../registry/hostname.ts'

/** What the first octets of a client say about the server that it wants. */
export type PeekedName =
  | { readonly kind: 'name'; readonly name: Hostname }
  /** It may still come. */
  | { readonly kind: 'more' }
  /** It will not come: another protocol, or no name in it. */
  | { readonly kind: 'none' }

/** The name as a client wrote it, if it is that of one host. */
export function peekedName(text: string): PeekedName {
  const name = tryParseHostname(text)
  return name === undefined || isWildcard(name) ? { kind: 'none' } : { kind: 'name', name }
}
