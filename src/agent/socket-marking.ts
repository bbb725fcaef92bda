import type { IpFamily } from '../ip/address.ts'
import { openMarkedSocket } from '../sys/marked-socket.ts'
import type { AgentOptions } from './options.ts'

/** How sockets of our own get the mark by which capture rules let them pass; nothing without capture. */
export interface Marking {
  readonly openSocket?: (transport: 'udp' | 'tcp', family: IpFamily) => number
}

export function markingOf({ captureEnabled, capture: { mark } }: AgentOptions): Marking {
  if (!captureEnabled) return {}
  return { openSocket: (transport, family) => openMarkedSocket(transport, family, mark) }
}
