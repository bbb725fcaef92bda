import { closeSync } from 'node:fs'
import { z } from 'zod'
import { formatSocketAddress, parseSocketAddress } from '../../ip/socket-address.ts'
import { openNetfilterSocket } from '../../sys/netfilter-socket.ts'
import type { AgentOptions } from '../options.ts'
import type { Kept, ToHold } from '../socket-store/socket-keeper.ts'
import type { OpenedPod } from './pod-agent.ts'
import { PodNamespace } from './pod-namespace.ts'
import { PodSockets, type SocketRole } from './pod-sockets.ts'
import { ServedPod } from './served-pods-file.ts'

const Note = z.strictObject({
  served: ServedPod,
  /** What the sockets were opened for. */
  wanted: z.string(),
  /** In the order of their descriptors, which follow that of the namespace. */
  sockets: z.array(
    z.strictObject({
      role: z.enum(['udp', 'dns', 'relay']),
      where: z.string().transform((text) => parseSocketAddress(text)),
    }),
  ),
})

/** A pod's namespace and sockets for a store, with what the next agent must know of them. */
export function heldPod(
  { pod, network, namespace, sockets }: OpenedPod,
  options: AgentOptions,
): ToHold {
  const note: z.input<typeof Note> = {
    served: { pod, network, namespaceId: namespace.id },
    wanted: wantedOf(options),
    sockets: sockets.list().map(({ role, where }) => ({ role, where: formatSocketAddress(where) })),
  }
  return {
    key: pod.uid,
    pod: `${pod.namespace}/${pod.name}`,
    note: JSON.stringify(note),
    openNetfilter: () => namespace.run(openNetfilterSocket),
    fds: () => [namespace.fd, ...sockets.list().map(({ fd }) => fd)],
  }
}

/** A pod as it comes out of a store; nothing of it is left open when it is of no use. */
export function adoptPod(
  { key, note, fds: [netfilter = -1, ...fds] }: Kept,
  options: AgentOptions,
): OpenedPod | undefined {
  closeAll([netfilter])
  const parsed = tryParse(note)
  const namespace = PodNamespace.adopt(fds[0] ?? -1)
  if (
    !namespace?.isOfPod ||
    parsed?.served.pod.uid !== key ||
    parsed.wanted !== wantedOf(options) ||
    parsed.served.namespaceId !== namespace.id ||
    parsed.sockets.length !== fds.length - 1
  ) {
    closeAll(fds)
    return undefined
  }
  const bound = parsed.sockets.map((socket, at) => ({ ...socket, fd: fds[at + 1] ?? -1 }))
  const of = (role: SocketRole) => bound.filter((one) => one.role === role)
  const sockets = new PodSockets({ udp: of('udp'), dns: of('dns'), relay: of('relay') })
  const { pod, network } = parsed.served
  return { pod, network, namespace, sockets }
}

function tryParse(note: string): z.infer<typeof Note> | undefined {
  try {
    return Note.parse(JSON.parse(note))
  } catch {
    return undefined
  }
}

/** Another agent may listen elsewhere. */
function wantedOf({ listen, relay }: AgentOptions): string {
  return [listen, ...relay.listen].join(' ')
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) if (fd >= 0) closeSync(fd)
}
