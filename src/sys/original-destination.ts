import type { KernelAddress } from './kernel-address.ts'
import { libc } from './libc.ts'

const solIp = 0
const solIpv6 = 41
/** SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST share the number. */
const originalDestinationOption = 80

/**
 * Where a TCP connection was going before a rule redirected it to us; `undefined` when the kernel
 * does not know.
 *
 * `family` is the socket's own: a dual-stack socket is 6, and IPv4 connections through it are found
 * too. A connection that nobody redirected has its own local address for an answer. Only the default
 * conntrack zone is searched, so capture rules keep TCP in it.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function originalDestination(fd: number, family: 4 | 6): KernelAddress | undefined {
  return (family === 6 ? read(fd, 6) : undefined) ?? read(fd, 4)
}

function read(fd: number, family: 4 | 6): KernelAddress | undefined {
  const value = new Uint8Array(28)
  const length = Uint32Array.of(value.length)
  const level = family === 4 ? solIp : solIpv6
  const { getsockopt } = libc()
  if (getsockopt(fd, level, originalDestinationOption, value, length) !== 0) return undefined
  // sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address, scope.
  const octets = family === 4 ? value.subarray(4, 8) : value.subarray(8, 24)
  return { octets, port: ((value[2] ?? 0) << 8) | (value[3] ?? 0) }
}
