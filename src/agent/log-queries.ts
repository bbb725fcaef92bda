import { type QueryAnswered, queryAnswered } from '../base/events.ts'
import type { AgentPorts } from './ports.ts'

/** Writes a line for every query, until the agent stops. */
export function logQueries({ log, scope }: AgentPorts): void {
  const write = (event: unknown) => {
    const { from, ...fields } = event as QueryAnswered
    log.debug({ ...fields, mode: from }, 'answered')
  }
  queryAnswered.subscribe(write)
  scope.onStop('query log', () => {
    queryAnswered.unsubscribe(write)
  })
}
