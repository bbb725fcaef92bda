import { type QueryAnswered, queryAnswered } from '../base/events.ts'
import type { AgentPorts } from './ports.ts'

/** Writes a line for every query while that is wanted, until the agent stops; returns what says so. */
export function logQueries({ log, scope }: AgentPorts): (wanted: boolean) => void {
  const write = (event: unknown) => {
    const { from, ...fields } = event as QueryAnswered
    log.debug({ ...fields, mode: from }, 'answered')
  }
  let isOn = false
  const set = (wanted: boolean) => {
    if (wanted === isOn) return
    isOn = wanted
    if (wanted) queryAnswered.subscribe(write)
    else queryAnswered.unsubscribe(write)
  }
  scope.onStop('query log', () => set(false))
  return set
}
