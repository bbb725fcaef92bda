import type { Prefix } from '../ip/prefix.ts'
import { hostFamilies } from './host-families.ts'
import type { SetupStep } from './message.ts'
import { networkCommands, planNetwork } from './network-plan.ts'
import { findSystemProgram } from './programs.ts'
import { sideDoors } from './side-doors.ts'

/** Programs and addresses that the steps are made from. */
export interface SetupNeeds {
  /** Path of the program `ip`. */
  readonly ip: string
  readonly path: string
  readonly mesh: readonly Prefix[]
}

/** The interface, its routes, and the masks over host resolvers' sockets. */
export function setupSteps({ ip, path, mesh }: SetupNeeds): readonly SetupStep[] {
  const network = planNetwork(hostFamilies(), mesh)
  const mount = findSystemProgram('mount', path) ?? 'mount'
  return [
    {
      purpose: 'set up the network',
      argv: [ip, '-4', '-batch', '-'],
      input: networkCommands(network, 4),
    },
    {
      // A kernel without IPv6 is no obstacle.
      purpose: 'set up IPv6',
      argv: [ip, '-6', '-batch', '-'],
      input: networkCommands(network, 6),
      optional: true,
    },
    ...sideDoors().map((socket) => ({
      purpose: `hide the host's resolver ${socket}`,
      argv: [mount, '--bind', '/dev/null', socket],
      input: '',
    })),
  ]
}
