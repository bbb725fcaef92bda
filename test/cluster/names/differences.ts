import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Outcome } from './outcome.ts'
import { ownNamespace } from './questions.ts'

/** A difference that is meant, as `docs/differences-from-kube-dns.md` has it. */
export interface Difference {
  readonly what: string
  readonly names: RegExp
  readonly types: readonly string[]
  readonly there: string
  readonly here: readonly string[]
}

const Rows = z.array(
  z.strictObject({
    what: z.string(),
    names: z.string(),
    types: z.array(z.string()),
    'kube-dns': z.string(),
    meshdns: z.array(z.string()),
    why: z.string().min(20),
  }),
)

const page = new URL('../../../docs/differences-from-kube-dns.md', import.meta.url)

/** The rows of the page, for a cluster's domain. */
export async function readDifferences(domain: string): Promise<readonly Difference[]> {
  const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(await readFile(page, 'utf8')) ?? []
  return Rows.parse(parse(block)).map(({ what, names, types, ...said }) => ({
    what,
    names: new RegExp(
      `^(?:${names
        .replaceAll('DOMAIN', domain.replaceAll('.', '\\.'))
        .replaceAll('NAMESPACE', ownNamespace)})$`,
    ),
    types,
    there: said['kube-dns'],
    here: said.meshdns,
  }))
}

/** What the page calls an outcome: the rcode, and whether there are records. */
export function wordFor({ rcode, records }: Outcome): string {
  const hasRecords = records.some((line) => !line.endsWith('by authority'))
  if (rcode !== 'NOERROR') return rcode
  return hasRecords ? 'records' : 'nothing'
}

export function covers(
  { names, types, there, here }: Difference,
  question: string,
  outcomes: { readonly there: Outcome; readonly here: Outcome },
): boolean {
  const [name = '', type = ''] = question.split('. ')
  return (
    names.test(name) &&
    types.includes(type) &&
    wordFor(outcomes.there) === there &&
    here.includes(wordFor(outcomes.here))
  )
}
