import assert from 'node:assert/strict'
import { askServer, type Place } from './ask-server.ts'
import { covers, readDifferences } from './differences.ts'
import { isSameOutcome, type Outcome, outcomeOf } from './outcome.ts'

/** Differences that are printed; all of them would be too much for the runner. */
const shown = 20

export interface Sides {
  readonly domain: string
  /** Kube-dns. */
  readonly there: Place
  readonly here: Place
}

/**
 * Asks both sides all questions (`NAME. TYPE`). What they answer differently must stand on the page of
 * differences; gives the rows that were needed.
 */
export async function compare(
  { domain, there, here }: Sides,
  questions: readonly string[],
): Promise<ReadonlySet<string>> {
  const theirs = await askServer(there, questions)
  const ours = await askServer(here, questions)
  const differences = await readDifferences(domain)
  const used = new Set<string>()
  const unknown: string[] = []
  for (const [index, question] of questions.entries()) {
    const [their, our] = [theirs[index], ours[index]]
    assert.ok(their && our)
    const outcomes = { there: outcomeOf(their), here: outcomeOf(our) }
    if (isSameOutcome(outcomes.there, outcomes.here)) continue
    const row = differences.find((one) => covers(one, question, outcomes))
    if (row) used.add(row.what)
    else unknown.push([question, text(outcomes.there), text(outcomes.here)].join('\n    '))
  }
  const some = unknown.slice(0, shown).join('\n')
  assert.equal(unknown.length, 0, `of ${questions.length}, these among them:\n${some}`)
  return used
}

function text({ rcode, records }: Outcome): string {
  return [rcode, ...records].join(' | ').slice(0, 1_000)
}
