import { lstat, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { type Finding, isError } from '../documents/finding.ts'
import type { ParseOptions } from '../translate/parse-object.ts'
import type { ObjectGroup } from '../translate/unique-objects.ts'
import { type Discovered, discover, isConfigName } from './discover.ts'
import { isMissing } from './file-finding.ts'
import { type FileObjects, keepObjects, noObjects, updateObjects } from './file-objects.ts'
import { readTextFile } from './read-text-file.ts'

export interface ConfigFilesOptions {
  /** Files and folders, in the order in which their objects count. */
  readonly paths: readonly string[]
  /** Those of the paths about which nothing is said while nothing is in them. */
  readonly mayBeEmpty?: readonly string[]
  readonly parse: ParseOptions
  readonly sizeLimitOctets: number
  readonly clock: Clock
}

interface FileState {
  /** Of the file as it was read; missing when it must be read again in any case. */
  readonly signature?: string
  readonly hash?: string
  readonly contents: FileObjects
}

/** Files that are looked at together. */
const batch = 64

/** A file that was written this recently may be written again without its times telling. */
const racyMs = 100

/** The objects of some files and folders; reads again only what changed. */
export class ConfigFiles {
  readonly #options: ConfigFilesOptions
  #states: ReadonlyMap<string, FileState> = new Map()
  #discovered: Discovered = { files: [], watched: new Set(), plain: new Map(), findings: [] }

  constructor(options: ConfigFilesOptions) {
    this.#options = options
  }

  /** One for each file, in the order of paths and names. */
  get groups(): readonly ObjectGroup[] {
    return [...this.#states].map(([name, { contents }]) => ({ name, objects: contents.objects }))
  }

  /** Of all files together, then of each; the same array as long as nothing changed. */
  get findings(): readonly (readonly Finding[])[] {
    const inFiles = [...this.#states.values()].map(({ contents }) => contents.findings)
    return [this.#discovered.findings, ...inFiles]
  }

  /** Everything whose change can change the objects. */
  get watched(): ReadonlySet<string> {
    return this.#discovered.watched
  }

  /**
   * Looks at everything, or at what these paths can have changed; whether objects or findings may be
   * other ones now. Not to be called twice at a time.
   */
  async read(changed?: ReadonlySet<string>): Promise<boolean> {
    const files = changed && (await this.#plainFiles(changed))
    return files ? this.#readSome(files) : this.#readAll()
  }

  /** The files that these paths are; `undefined` when more may have changed than what is in files. */
  async #plainFiles(paths: ReadonlySet<string>): Promise<readonly string[] | undefined> {
    const { plain, watched } = this.#discovered
    const files: string[] = []
    for (const path of paths) {
      const file = plain.get(path)
      if (file !== undefined && (await isPlainFile(path))) files.push(file)
      else if (file !== undefined || watched.has(path) || (await mayMatter(path))) return
    }
    return files
  }

  async #readSome(files: readonly string[]): Promise<boolean> {
    const states = new Map(this.#states)
    let isNew = false
    for (const file of files) {
      const state = await this.#readFile(file)
      isNew ||= state.contents !== states.get(file)?.contents
      states.set(file, state)
    }
    this.#states = states
    return isNew
  }

  async #readAll(): Promise<boolean> {
    const before = { states: this.#states, findings: this.#discovered.findings }
    this.#discovered = await discover(this.#options.paths, this.#options.mayBeEmpty)
    const { files } = this.#discovered
    const states = new Map<string, FileState>()
    for (let at = 0; at < files.length; at += batch) {
      const some = files.slice(at, at + batch)
      const read = await Promise.all(some.map((file) => this.#readFile(file)))
      for (const [index, file] of some.entries()) states.set(file, read[index] ?? unread)
    }
    for (const [file, state] of this.#hidden()) if (!states.has(file)) states.set(file, state)
    this.#states = states
    return (
      !this.#isAsBefore(before.states) || !isSameText(before.findings, this.#discovered.findings)
    )
  }

  /** Files that are not found because something on the way is unreadable; they are not gone. */
  #hidden(): readonly (readonly [string, FileState])[] {
    const faults = this.#discovered.findings.filter((one) => isError(one) && !isMissing(one))
    const isHidden = (file: string) =>
      faults.some((fault) => file === fault.file || file.startsWith(join(fault.file, sep)))
    return [...this.#states].filter(([file]) => isHidden(file))
  }

  async #readFile(file: string): Promise<FileState> {
    const { parse, sizeLimitOctets } = this.#options
    const before = this.#states.get(file) ?? unread
    const signature = await this.#sign(file)
    if (signature !== undefined && signature === before.signature) return before
    const read = await readTextFile(file, sizeLimitOctets)
    const signed = signature === undefined ? {} : { signature }
    if (read.kind === 'refused') {
      return { ...signed, contents: keepUnlessSame(before.contents, read.finding) }
    }
    if (read.hash === before.hash) return { ...before, ...signed }
    const contents = updateObjects(before.contents, { text: read.text, file }, parse)
    return { ...signed, hash: read.hash, contents }
  }

  async #sign(file: string): Promise<string | undefined> {
    const found = await stat(file, { bigint: true }).catch(() => undefined)
    if (!found) return undefined
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = found
    if (Math.abs(this.#options.clock.wall() - Number(ctimeMs)) < racyMs) return undefined
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  }

  #isAsBefore(before: ReadonlyMap<string, FileState>): boolean {
    const now = [...this.#states]
    const then = [...before]
    return (
      now.length === then.length &&
      now.every(([file, { contents }], index) => {
        const [earlierFile, earlier] = then[index] ?? []
        return file === earlierFile && contents === earlier?.contents
      })
    )
  }
}

/** Whether something that was not known before may hold objects; files beside them, such as half-written ones, do not. */
async function mayMatter(path: string): Promise<boolean> {
  const name = basename(path)
  if (name.startsWith('.')) return false
  if (isConfigName(name)) return true
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function isPlainFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() ?? false
}

const unread: FileState = { contents: noObjects }

/** The same object when nothing is new about it, so that nothing seems to change. */
function keepUnlessSame(before: FileObjects, finding: Finding): FileObjects {
  return isSameText(before.findings, [finding]) ? before : keepObjects(before, finding)
}

function isSameText(some: readonly Finding[], others: readonly Finding[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others)
}
