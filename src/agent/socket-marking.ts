import type { Socket } from 'node:net'
import type { IpFamily } from '../ip/address.ts'
import { fdOf } from '../sys/fd-of.ts'
import { openMarkedSocket } from '../sys/marked-socket.ts'
import { setSocketMark } from '../sys/socket-mark.ts'
import type { AgentOptions } from './options.ts'

/** How sockets of our own get the mark by which capture rules let them pass; nothing without capture. */
export interface Marking {
  readonly openSocket?: (transport: 'udp' | 'tcp', family: IpFamily) => number
  readonly markSocket?: (socket: Socket) => void
}

export function markingOf({ captureEnabled, capture: { mark } }: AgentOptions): Marking {
  if (!captureEnabled) return {}
  return {
    openSocket: (transport, family) => openMarkedSocket(transport, family, mark),
    markSocket(socket) {
      const fd = fdOf(socket)
      if (fd !== undefined) setSocketMark(fd, mark)
    },
  }
}
