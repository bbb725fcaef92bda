import type { Removal } from '../install/place/remove.ts'
import { printable } from './table.ts'

/** What became of everything, a line each. */
export function formatRemoval({ removed, restored, kept, left }: Removal): string {
  const lines = [
    ...removed.map((path) => `removed ${path}`),
    ...restored.map((path) => `restored ${path}`),
    ...kept.map(({ path, reason }) => `kept ${path}: ${reason}`),
    ...left.map((path) => `left ${path}; --purge takes it`),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}
