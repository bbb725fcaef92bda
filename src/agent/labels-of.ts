import type { AgentOptions } from './options.ts'

/** Labels of the workload beside us, by name. */
export function labelsOf({ labels }: Pick<AgentOptions, 'labels'>): ReadonlyMap<string, string> {
  return new Map(
    labels.map((label) => {
      const equals = label.indexOf('=')
      return [label.slice(0, equals), label.slice(equals + 1)]
    }),
  )
}
