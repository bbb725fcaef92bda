import { type Finding, formatFinding, type Severity } from '../../translate/finding.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readServices } from '../offline-mesh.ts'
import { isForPeople, outputOption, print } from '../output.ts'
import { sourceOptions } from '../source-options.ts'
import { printable } from '../table.ts'

export const command: Command = {
  description:
    'Checks every object of the files, and prints each finding with file, line and column. ' +
    'Ends with 1 when there is an error.',
  operands: [],
  options: [
    ...sourceOptions.filter(({ flags }) => /--(file|namespace|cluster-domain)\b/.test(flags)),
    { flags: '--strict', summary: 'take warnings for errors' },
    outputOption,
  ],
  examples: [
    { command: 'meshdns validate -f examples', says: 'all files of a folder' },
    { command: 'kubectl get serviceentries -A -o yaml | meshdns validate -f -', says: 'a cluster' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { findings, services, objectCount } = await readServices(invocation)
  const ordered = findings.toSorted(compareFindings)
  const counts = {
    error: countOf(findings, 'error'),
    warning: countOf(findings, 'warning'),
    notice: countOf(findings, 'notice'),
  }
  const failed = counts.error > 0 || (invocation.options.has('strict') && counts.warning > 0)
  if (isForPeople(invocation)) {
    const lines = ordered.map((finding) =>
      formatFinding(finding).split('\n').map(printable).join('\n'),
    )
    lines.push(summaryOf(objectCount, services.length, counts))
    invocation.io.stdout.write(`${lines.join('\n')}\n`)
  } else {
    const value = { valid: !failed, objects: objectCount, ...counts, findings: ordered }
    await print(invocation, { table: { head: [], rows: [], empty: '' }, value })
  }
  return failed ? exitCodes.failed : exitCodes.done
}

function summaryOf(objects: number, services: number, counts: Record<Severity, number>): string {
  const parts = [counted(objects, 'object'), counted(services, 'service')]
  for (const severity of ['error', 'warning', 'notice'] as const) {
    parts.push(counted(counts[severity], severity))
  }
  return parts.join(', ')
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length
}

/** By place; the files stay in the order in which they were given. */
function compareFindings(a: Finding, b: Finding): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0
}
