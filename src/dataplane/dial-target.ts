import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'

/** Something that a socket can be connected to. */
export type DialTarget =
  | { readonly kind: 'tcp'; readonly at: SocketAddress }
  /** A path, or an abstract name that begins with `@`. */
  | { readonly kind: 'unix'; readonly path: string }

export function describeTarget(target: DialTarget): string {
  return target.kind === 'tcp' ? formatSocketAddress(target.at) : `unix://${target.path}`
}
