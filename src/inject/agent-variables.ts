import { valueAt } from '../config/layer.ts'
import { mapsAt, textAt } from '../documents/plain-map.ts'
import { agentName } from './containers.ts'
import { listOf, type Named, type Pod } from './pod-parts.ts'

/** The agent's container, of whichever kind; `undefined` in a pod that has none. */
export function agentContainerOf(pod: Pod): Named | undefined {
  const all = [...listOf(pod, 'initContainers'), ...listOf(pod, 'containers')]
  return all.find(({ name }) => name === agentName)
}

/** What a pod's agent is told, by variable; a field of the pod in braces, such as `{status.podIP}`. */
export function agentVariablesOf(pod: Pod): ReadonlyMap<string, string> {
  return new Map(
    mapsAt(agentContainerOf(pod), 'env').map((variable) => {
      const field = valueAt(variable, ['valueFrom', 'fieldRef', 'fieldPath'])
      const value = typeof field === 'string' ? `{${field}}` : textAt(variable, 'value')
      return [textAt(variable, 'name'), value]
    }),
  )
}
