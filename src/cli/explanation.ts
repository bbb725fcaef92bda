import { printable } from './table.ts'

/** Why something resolves as it does: facts in the order in which they decide. */
export interface Explanation {
  readonly subject: string
  /** The conclusion in one sentence. */
  readonly verdict: string
  /** The host that the subject stands for; missing when it is not of the mesh. */
  readonly host?: string
  readonly namespace?: string
  readonly facts: readonly Fact[]
}

/** One step on the way. */
export interface Fact {
  readonly topic: Topic
  readonly text: string
  /** Where the user said so, as `file:line`; the object where there is no file. */
  readonly place?: string
}

export type Topic = 'name' | 'declared by' | 'not used' | 'address' | 'connection' | 'upstream'

/** For people: the verdict, then a line for each fact, topics in a column of their own. */
export function formatExplanation({ subject, verdict, facts }: Explanation): string {
  const width = Math.max(0, ...facts.map(({ topic }) => topic.length))
  const lines = facts.map(({ topic, text, place }, at) => {
    const shown = facts[at - 1]?.topic === topic ? '' : topic
    // An object of a cluster is its own place.
    const isSaid = place === undefined || text.startsWith(place)
    return printable(`  ${shown.padEnd(width)}  ${text}${isSaid ? '' : ` (${place})`}`)
  })
  return `${printable(`${subject}: ${verdict}`)}\n${lines.map((line) => `${line.trimEnd()}\n`).join('')}`
}
