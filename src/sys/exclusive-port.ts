import { libc } from './libc.ts'

const solSocket = 1
const soReuseaddr = 2

/**
 * Lets nobody else have the port of a datagram socket (`SO_REUSEADDR` off); call it before the socket
 * gets its port.
 *
 * libuv turns that option on for every descriptor that it is given. Programs that have it on, too,
 * such as `dig`, may then be given the very same port, and answers go to either.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function claimPort(fd: number): void {
  libc().setsockopt(fd, solSocket, soReuseaddr, Buffer.alloc(4), 4)
}
