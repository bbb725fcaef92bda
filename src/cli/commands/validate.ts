import { type Finding, formatFinding, type Severity } from '../../translate/finding.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readServices } from '../offline-mesh.ts'
import { isForPeople, outputOption, print } from '../output.ts'
import { fileOption, readingOptions } from '../source-options.ts'
import { printableLines } from '../table.ts'

export const command: Command = {
  description:
    'Checks every object of the files, and prints each finding with file, line and column. ' +
    'Ends with 1 when there is an error.',
  operands: [],
  options: [
    fileOption,
    ...readingOptions,
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
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    notices: countOf(findings, 'notice'),
  }
  const failed = counts.errors > 0 || (invocation.options.has('strict') && counts.warnings > 0)
  if (isForPeople(invocation)) {
    const lines = ordered.map((finding) => printableLines(formatFinding(finding)))
    lines.push(
      [
        counted(objectCount, 'object'),
        counted(services.length, 'service'),
        counted(counts.errors, 'error'),
        counted(counts.warnings, 'warning'),
        counted(counts.notices, 'notice'),
      ].join(', '),
    )
    invocation.io.stdout.write(`${lines.join('\n')}\n`)
  } else {
    const value = {
      valid: !failed,
      objects: objectCount,
      services: services.length,
      ...counts,
      findings: ordered,
    }
    await print(invocation, { table: { head: [], rows: [], empty: '' }, value })
  }
  return failed ? exitCodes.failed : exitCodes.done
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
