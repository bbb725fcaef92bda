import { type Finding, formatFinding } from '../documents/finding.ts'
import type { CommandIo } from './command-io.ts'
import { printableLines } from './table.ts'

/** Tells which objects were left out, on stderr, so that a result is not taken for the whole. */
export function warnOfFindings(findings: readonly Finding[], { stderr }: CommandIo): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  for (const error of errors) stderr.write(`${printableLines(formatFinding(error))}\n`)
  if (errors.length > 0) stderr.write('The result is without the objects named above.\n\n')
}
