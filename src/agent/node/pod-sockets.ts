import type { Socket as UdpSocket } from 'node:dgram'
import type { Server } from 'node:net'
import { familyOf } from '../../ip/address.ts'
import { parseSocketAddress, type SocketAddress, socketOctetsOf } from '../../ip/socket-address.ts'
import { ServeBindError } from '../../serve/bind.ts'
import { listenTcpAt, listenUdpAt } from '../../serve/listen-at.ts'
import { bindSocket } from '../../sys/bound-socket.ts'
import { libc } from '../../sys/libc.ts'
import { SocketOpenError } from '../../sys/marked-socket.ts'
import { listenAddresses } from '../listen-addresses.ts'
import type { AgentOptions } from '../options.ts'
import type { PodNamespace } from './pod-namespace.ts'

interface Bound {
  readonly where: SocketAddress
  readonly fd: number
}

const roles = ['udp', 'dns', 'relay'] as const
export type SocketRole = (typeof roles)[number]

/**
 * The sockets at which a pod's questions and connections arrive, bound inside of its namespace: what comes before
 * somebody listens waits in them.
 */
export class PodSockets {
  readonly #sockets: Record<SocketRole, readonly Bound[]>
  #isTaken = false

  /** Of sockets that are bound already; they are its own from here on. */
  constructor(sockets: Record<SocketRole, readonly Bound[]>) {
    this.#sockets = sockets
  }

  /** @throws {ServeBindError} when an address cannot be had; nothing is open then. */
  static open(namespace: PodNamespace, { listen, relay }: AgentOptions): PodSockets {
    const opened: Bound[] = []
    const open = (transport: 'udp' | 'tcp', addresses: readonly SocketAddress[]) => {
      const found = addresses.flatMap((where) => tryOpen(namespace, transport, where) ?? [])
      opened.push(...found)
      return found
    }
    try {
      const dns = listenAddresses(listen).map(({ where }) => where)
      return new PodSockets({
        udp: open('udp', dns),
        dns: open('tcp', dns),
        relay: open('tcp', relay.listen.map(parseSocketAddress)),
      })
    } catch (error) {
      for (const { fd } of opened) libc().close(fd)
      throw error
    }
  }

  /** Where questions are answered, as far as the pod has the families. */
  get dnsAddresses(): readonly SocketAddress[] {
    return this.#sockets.udp.map(({ where }) => where)
  }

  /** Descriptors, whether somebody listens or not yet. */
  list(): readonly (Bound & { readonly role: SocketRole })[] {
    return roles.flatMap((role) => this.#sockets[role].map((bound) => ({ ...bound, role })))
  }

  /** Begins to listen. The caller, which owns them from here on, attaches itself before it waits for anything. */
  listen() {
    this.#isTaken = true
    const { udp, dns, relay } = this.#sockets
    return {
      udp: udp.map(({ fd, where }): readonly [SocketAddress, UdpSocket] => [
        where,
        listenUdpAt(fd, familyOf(where.address)),
      ]),
      dns: dns.map(({ fd }): Server => listenTcpAt(fd)),
      relay: relay.map(({ fd }): Server => listenTcpAt(fd)),
    }
  }

  /** Unless somebody listens already. */
  close(): void {
    if (this.#isTaken) return
    this.#isTaken = true
    for (const { fd } of this.list()) libc().close(fd)
  }
}

/** `undefined` for IPv6 where the pod has none. */
function tryOpen(
  namespace: PodNamespace,
  transport: 'udp' | 'tcp',
  where: SocketAddress,
): Bound | undefined {
  const family = familyOf(where.address)
  let fd: number
  try {
    fd = namespace.openSocket(transport, family, 0)
  } catch (error) {
    if (family === 6 && error instanceof SocketOpenError) return undefined
    throw error
  }
  const fault = bindSocket(fd, transport, socketOctetsOf(where))
  if (fault === undefined) return { where, fd }
  libc().close(fd)
  if (family === 6 && (fault === 'EADDRNOTAVAIL' || fault === 'EAFNOSUPPORT')) return undefined
  throw new ServeBindError(transport, where, Object.assign(new Error(fault), { code: fault }))
}
