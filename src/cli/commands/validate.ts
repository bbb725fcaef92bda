import { type Finding, formatFinding, type Severity } from '../../documents/finding.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readServices } from '../offline-mesh.ts'
import { outputOption, print } from '../output.ts'
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
  fields: [
    { path: 'valid', says: 'whether the command ends with 0' },
    { path: 'objects', says: 'how many there are in the files' },
    { path: 'services', says: 'how many services they make' },
    { path: 'errors', says: 'how many findings are errors: the object is refused' },
    { path: 'warnings', says: 'how many are warnings: it does something else than it seems to' },
    { path: 'notices', says: 'how many are notices: something was left out' },
    { path: 'findings[].severity', says: 'error, warning or notice' },
    { path: 'findings[].code', says: 'what it is; never changes its meaning' },
    { path: 'findings[].message', says: 'for people' },
    { path: 'findings[].path', says: 'inside the object; empty for the object as a whole' },
    { path: 'findings[].file', says: 'as it was named' },
    { path: 'findings[].line', says: 'from 1' },
    { path: 'findings[].column', says: 'from 1' },
    { path: 'findings[].hint', says: 'what to do; may be missing' },
    { path: 'findings[].object.kind', says: 'of the object; missing when there is none' },
    { path: 'findings[].object.namespace', says: 'of the object' },
    { path: 'findings[].object.name', says: 'of the object' },
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
  await print(invocation, {
    forPeople: () => {
      const lines = ordered.map((finding) => printableLines(formatFinding(finding)))
      const summary = [
        counted(objectCount, 'object'),
        counted(services.length, 'service'),
        counted(counts.errors, 'error'),
        counted(counts.warnings, 'warning'),
        counted(counts.notices, 'notice'),
      ]
      return `${[...lines, summary.join(', ')].join('\n')}\n`
    },
    value: {
      valid: !failed,
      objects: objectCount,
      services: services.length,
      ...counts,
      findings: ordered,
    },
  })
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
