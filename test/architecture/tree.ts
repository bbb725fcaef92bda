import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the checkout; rules look at these and never at the disk, so that tests can doctor them. */
export interface TreeFile {
  /** From the checkout's root, with `/`. */
  readonly path: string
  readonly text: string
}

export const root = fileURLToPath(new URL('../..', import.meta.url))

const notOurs = new Set(['.git', '.cache', 'node_modules', 'dist', 'gen', 'coverage'])

/** Every file below the folders (files, too), in order of path, whose name ends in one of `endings`. */
export function readTree(folders: readonly string[], endings: readonly string[]): TreeFile[] {
  return folders
    .flatMap((folder) => {
      const path = join(root, folder)
      if (!existsSync(path)) return []
      return statSync(path).isDirectory() ? walk(path) : [path]
    })
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** All TypeScript of the project. */
export function readSources(): TreeFile[] {
  return readTree(['src', 'test', 'scripts', 'bench'], ['.ts'])
}

/** What the product is made of: no tests, and nothing that only tests use. */
export function isProduct({ path }: TreeFile): boolean {
  return path.startsWith('src/') && !path.startsWith('src/testing/') && !isTest({ path })
}

export function isTest({ path }: Pick<TreeFile, 'path'>): boolean {
  return /\.(test|case)\.ts$/.test(path) || path.startsWith('test/')
}

/** The text with its comments blanked out, line by line, so that line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/ .*$/gm, '$1')
}

interface LineOptions {
  /** Whether comments count, too. */
  readonly comments?: boolean
}

/** `path:line: reason` for each line that a pattern matches. */
export function findLines(
  file: TreeFile,
  pattern: RegExp,
  reason: string,
  { comments = false }: LineOptions = {},
): string[] {
  return (comments ? file.text : withoutComments(file.text))
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}: ${reason}`] : []))
}

function walk(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true })
  return entries.flatMap((entry) => {
    if (notOurs.has(entry.name)) return []
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return walk(inside)
    return entry.isFile() ? [inside] : []
  })
}

/** The line of a text's offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
