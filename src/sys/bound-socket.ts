import { constants as systemConstants } from 'node:os'
import type { KernelAddress } from './kernel-address.ts'
import { libc } from './libc.ts'

// As in <sys/socket.h> and <netinet/in.h> of Linux; equal on x64 and arm64.
const solSocket = 1
const soReuseaddr = 2
const ipprotoIpv6 = 41
const ipv6V6only = 26
const afInet = 2
const afInet6 = 10

/**
 * Gives a socket of either transport its local address, wherever we are meanwhile: a socket stays in the
 * namespace that it was made in. An IPv6 socket is for IPv6 only. What the system calls the fault (`EADDRINUSE`), if it fails.
 */
export function bindSocket(
  fd: number,
  transport: 'udp' | 'tcp',
  { octets, port }: KernelAddress,
): string | undefined {
  const { bind, errno, setsockopt } = libc()
  const on = new Uint8Array(Uint32Array.of(1).buffer)
  const isIpv6 = octets.length === 16
  if (isIpv6) setsockopt(fd, ipprotoIpv6, ipv6V6only, on, on.length)
  // As Node does: connections of a process before us may not have ended yet.
  if (transport === 'tcp') setsockopt(fd, solSocket, soReuseaddr, on, on.length)
  // sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address, scope.
  const address = Buffer.alloc(isIpv6 ? 28 : 16)
  address.set(new Uint8Array(Uint16Array.of(isIpv6 ? afInet6 : afInet).buffer))
  address.writeUInt16BE(port, 2)
  address.set(octets, isIpv6 ? 8 : 4)
  return bind(fd, address, address.length) === 0 ? undefined : nameOf(errno())
}

function nameOf(errno: number): string {
  const known = Object.entries(systemConstants.errno).find(([, number]) => number === errno)
  return known?.[0] ?? `errno ${errno}`
}
