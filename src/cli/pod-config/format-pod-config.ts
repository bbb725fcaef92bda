import { formatValue } from '../format-value.ts'
import { formatOptions } from '../option-table.ts'
import { formatTable, printable } from '../table.ts'
import type { AgentAnswer, InjectedVariable, PodConfig } from './pod-config.ts'

/** What injection wrote into a pod, and what its agent says, below its settings; or all that there is of the node agent. */
export function formatPodConfig(config: PodConfig, color: boolean): string {
  const { injected, agent, nodeAgent } = config
  const agentLines = formatAgent(agent, color)
  if (!nodeAgent) return `\n${formatInjected(injected, color)}\n${agentLines}`
  const { pod, state } = nodeAgent
  const said = state === undefined ? '' : `: ${printable(state)}`
  return `The pod is up to the node agent, ${pod}${said}\n\n${agentLines}`
}

const head = ['INJECTED', 'VALUE', 'FROM', 'NOW']

function formatInjected(injected: readonly InjectedVariable[], color: boolean): string {
  const rows = injected.map(({ variable, value, from, now }) => [
    variable,
    value === undefined ? '-' : from === 'pod' ? value : formatValue(value),
    from,
    now === undefined ? '' : now === null ? 'gone' : formatValue(now),
  ])
  const table = formatTable({ head, rows, empty: 'Injection wrote nothing.' }, color)
  const differs = injected.some(({ now }) => now !== undefined)
  const note = 'What stands under NOW holds when the pod is made anew.'
  return differs ? `${table}${note}\n` : table
}

function formatAgent(agent: AgentAnswer, color: boolean): string {
  if ('unreachable' in agent) return `Its agent cannot be asked: ${printable(agent.unreachable)}\n`
  return formatOptions(
    agent.options.filter(({ from }) => from !== 'default'),
    color,
  )
}
