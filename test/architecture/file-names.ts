import { basename } from 'node:path'
import type { TreeFile } from './tree.ts'
import { withoutComments } from './tree.ts'

/** Names that say nothing of what is inside. */
const empty = new Set(
  'common constants helper helpers index interfaces lib misc mod shared tools types util utils'.split(
    ' ',
  ),
)

/** Files whose name is not `kebab-case.ts` or says nothing, and files that only pass exports on. */
export function findNameFaults(files: readonly TreeFile[]): string[] {
  return files.flatMap((file) => {
    const stem = basename(file.path, '.ts').replace(/(\.property)?\.(test|case|bench)$/, '')
    const faults: string[] = []
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) faults.push(`${file.path}: not in kebab-case`)
    if (empty.has(stem)) faults.push(`${file.path}: the name says nothing of what is inside`)
    if (isBarrel(file)) faults.push(`${file.path}: only passes on what other files export`)
    return faults
  })
}

function isBarrel({ text }: TreeFile): boolean {
  const passedOn = /^export\b[^'"`;=]*?\bfrom\s*['"][^'"]+['"];?$/gm
  const code = withoutComments(text).trim()
  return passedOn.test(code) && code.replace(passedOn, '').trim() === ''
}
