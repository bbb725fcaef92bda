import { readFileSync } from 'node:fs'
import { resolveInside } from './inside-root.ts'

/** A user by number, with the group. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The user that a file of ours is given to: root, or one of that machine; nobody when we may not, or it has none such. */
export function findOwner(root: string, name: string | undefined): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  return name === undefined ? { uid: 0, gid: 0 } : findAccount(root, name)
}

/** A user of the machine below a root, by its own list. */
export function findAccount(root: string, name: string): Account | undefined {
  const line = readList(resolveInside(root, '/etc/passwd', 'target'))
    .split('\n')
    .map((text) => text.split(':'))
    .find(([found]) => found === name)
  return line && { uid: Number(line[2]), gid: Number(line[3]) }
}

function readList(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
