import type { Step } from '../install/place/compare.ts'
import { printable } from './table.ts'

/** One line for each place that was changed; without `root` in front of paths. */
export function formatSteps(steps: readonly Step[]): string {
  const shown = steps.filter(({ change }) => change !== 'same')
  return shown.map((step) => `${step.change} ${printable(step.file)}\n`).join('')
}

/** What would be written where, with all texts but secrets. */
export function formatDryRun(steps: readonly Step[]): string {
  return steps.map(formatStep).join('')
}

function formatStep({ change, file, placement, text }: Step): string {
  const mode = 'mode' in placement ? ` (${placement.mode.toString(8).padStart(4, '0')})` : ''
  const head = `${change.padEnd(7)} ${printable(file)}${mode}\n`
  if (change === 'same' || placement.kind === 'folder') return head
  if (placement.kind === 'link') return `${head}    -> ${printable(placement.target)}\n`
  if (placement.kind === 'file' && placement.secret) return `${head}    (a secret)\n`
  const lines = (placement.kind === 'block' ? placement.text : text).replace(/\n$/, '').split('\n')
  return head + lines.map((line) => `${`    ${printable(line)}`.trimEnd()}\n`).join('')
}
