import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, type TreeFile } from './tree.ts'

/** A fenced block of a page. */
export interface Block {
  readonly path: string
  /** Of its first line, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
}

export function blocksOf({ path, text }: TreeFile): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    path,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }))
}

/** Links to files of the checkout that are not there. */
export function findDeadLinks({ path, text }: TreeFile): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^(https?:|#)/.test(target))
    .filter((target) => !existsSync(join(root, dirname(path), target.replace(/#.*$/, ''))))
    .map((target) => `${path}: no such file: ${target}`)
}

/** Files of ours that a page names in backquotes and that are not there. */
export function findDeadPaths({ path, text }: TreeFile): string[] {
  const named = /`((?:src|test|docs|packaging|bench|scripts|examples)\/[\w./-]+)`/g
  return [...text.matchAll(named)]
    .map((match) => match[1] ?? '')
    .filter((target) => !existsSync(join(root, target)))
    .map((target) => `${path}: no such file: ${target}`)
}

/** What a shell block calls, one command a row: chains are taken apart, comments left out. */
export function commandsOf({ text }: Block): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(/\s(?:&&|\|\||\|)\s/))
    .map((line) => line.trim().replace(/^(sudo|\$\(command -v sudo\))\s+/, ''))
    .filter((line) => line !== '')
}
