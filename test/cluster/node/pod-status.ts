import type { V1Pod, V1PodCondition, V1PodStatus } from '@kubernetes/client-node'
import type { ContainerSlot } from './container-slot.ts'

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export interface PodStanding {
  readonly phase: PodPhase
  readonly addresses: readonly string[]
  readonly hostAddresses: readonly string[]
  readonly initSlots: readonly ContainerSlot[]
  readonly slots: readonly ContainerSlot[]
  readonly isInitialized: boolean
  /** Why it does not go on. */
  readonly message: string | undefined
}

/** A pod's status as a kubelet writes it. */
export function podStatusOf(pod: V1Pod, standing: PodStanding): V1PodStatus {
  const { phase, addresses, hostAddresses, initSlots, slots, isInitialized, message } = standing
  const isReady = phase === 'Running' && slots.every(({ isReady }) => isReady)
  const at = (type: string, holds: boolean) => condition(pod, type, holds)
  return {
    phase,
    ...(message === undefined ? {} : { message }),
    hostIP: hostAddresses[0] ?? '',
    hostIPs: hostAddresses.map((ip) => ({ ip })),
    ...(addresses[0] === undefined ? {} : { podIP: addresses[0] }),
    podIPs: addresses.map((ip) => ({ ip })),
    initContainerStatuses: initSlots.map(({ status }) => status),
    containerStatuses: slots.map(({ status }) => status),
    conditions: [
      at('PodScheduled', true),
      at('Initialized', isInitialized),
      at('ContainersReady', isReady),
      at('Ready', isReady),
    ],
  }
}

function condition({ status }: V1Pod, type: string, holds: boolean): V1PodCondition {
  const value = holds ? 'True' : 'False'
  const known = status?.conditions?.find((each) => each.type === type && each.status === value)
  return { type, status: value, lastTransitionTime: known?.lastTransitionTime ?? new Date() }
}
