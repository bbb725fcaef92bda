import type { HealthSpec } from '../base/health.ts'

export const agentRestartNeeded: HealthSpec = {
  code: 'AGENT_RESTART_NEEDED',
  severity: 'degraded',
  title: 'changed options are not in force yet',
  hint: 'Restart the agent; until then it goes by what they were when it started. `captureEnabled` and `logLevel` need no restart.',
}

export const agentOptionsRefused: HealthSpec = {
  code: 'AGENT_OPTIONS_REFUSED',
  severity: 'degraded',
  title: 'changed options cannot be used',
  hint: 'Mend the file that the detail names; until then the agent goes by what it was told before.',
}

export const podNotServed: HealthSpec = {
  code: 'NODE_POD_NOT_SERVED',
  severity: 'degraded',
  title: 'a pod of this node is not served',
  hint: 'Its questions go where its resolv.conf says, as without us; the reason says what keeps us out. It is tried again by itself.',
}

export const nodeProcessesHidden: HealthSpec = {
  code: 'NODE_PROCESSES_HIDDEN',
  severity: 'down',
  title: 'the node agent sees no process but its own, and so finds no pod',
  hint: 'Give its pod `hostPID: true`, as the DaemonSet of `meshdns install` has it.',
}

export const socketStoreAway: HealthSpec = {
  code: 'NODE_SOCKET_STORE_AWAY',
  severity: 'degraded',
  title: 'sockets of pods are not kept in a store',
  hint: 'Look after the container socket-store beside the agent. Pods are served; but when the agent is killed now, their questions are refused until the next one serves.',
}
