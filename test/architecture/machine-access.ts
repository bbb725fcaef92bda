import { findLines, isProduct, type TreeFile } from './tree.ts'

interface Rule {
  readonly pattern: RegExp
  readonly reason: string
  /** Folders and files that may. */
  readonly allowed: readonly string[]
}

const rules: readonly Rule[] = [
  {
    pattern: /\bprocess\.env\b/,
    reason: 'reads process.env; take an option instead',
    allowed: ['src/cli/'],
  },
  {
    pattern: /\bprocess\.(exit|exitCode|abort)\b/,
    reason: 'ends the process; throw, or return, instead',
    allowed: ['src/cli/'],
  },
  {
    pattern: /\bconsole\.|\bprocess\.(stdout|stderr)\b/,
    reason: 'prints; take a Log instead',
    allowed: ['src/cli/'],
  },
  {
    pattern:
      /\b(Date\.now|performance\.now|process\.hrtime)\b|(?<!\.)\bset(Timeout|Interval)\b|new Date\(\)|node:timers/,
    reason: 'asks the machine for time; take a Clock instead',
    allowed: ['src/cli/', 'src/base/clock.ts'],
  },
  {
    pattern: /\bMath\.random\b/,
    reason: 'unpredictable only by name; take octets of node:crypto',
    allowed: [],
  },
]

/** Lines of the product that ask the machine for something that must come from the roof. */
export function findMachineAccess(files: readonly TreeFile[]): string[] {
  return files
    .filter(isProduct)
    .flatMap((file) =>
      rules
        .filter(({ allowed }) => !allowed.some((path) => file.path.startsWith(path)))
        .flatMap(({ pattern, reason }) => findLines(file, pattern, reason)),
    )
}
