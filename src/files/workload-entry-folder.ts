import { createHash } from 'node:crypto'
import { access, constants, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { CodedError } from '../base/coded-error.ts'
import type { Log } from '../base/log.ts'
import { makeFolder } from '../base/make-folder.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { RegisteredEntry } from '../translate/registration/registered-entry.ts'
import {
  type EntryReference,
  entryKey,
  type WorkloadEntryStore,
} from '../translate/registration/workload-entry-store.ts'
import { readTextFile } from './read-text-file.ts'

/** The entries of registered machines cannot be kept where they should be. */
export class EntryFolderUnusableError extends CodedError {
  override readonly code = 'FILES_ENTRY_FOLDER'

  constructor(path: string, cause: unknown) {
    super(`entries of registered machines cannot be kept in ${path}`, {
      cause,
      hint: 'Give the user that meshdns runs as the state folder and what leads to it, or name another one with --state-folder.',
    })
  }
}

/** The largest file that one entry can make. */
const sizeLimitOctets = 1024 * 1024

/** The longest name of a file. */
const maxFileName = 255

/** Files that are read together. */
const batch = 64

/**
 * Registered entries as YAML: a folder for each namespace, a file for each entry.
 *
 * The folder is also a source of configuration: whoever follows it hears of each change.
 */
export class WorkloadEntryFolder implements WorkloadEntryStore {
  readonly path: string
  readonly #log: Log

  private constructor(path: string, log: Log) {
    this.path = path
    this.#log = log
  }

  /**
   * Makes the folder where it is missing.
   * @throws {EntryFolderUnusableError} when it cannot be written.
   */
  static async open(path: string, log: Log): Promise<WorkloadEntryFolder> {
    try {
      await makeFolder(path, 0o700)
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (cause) {
      throw new EntryFolderUnusableError(path, cause)
    }
    return new WorkloadEntryFolder(path, log)
  }

  /** Files that are not entries of ours are left alone. */
  async load(): Promise<readonly RegisteredEntry[]> {
    const found = await readdir(this.path, { recursive: true })
    const files = found
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(this.path, file))
    const entries: RegisteredEntry[] = []
    for (let at = 0; at < files.length; at += batch) {
      const some = files.slice(at, at + batch)
      const read = await Promise.all(some.map((file) => this.#read(file)))
      entries.push(...read.filter((entry) => entry !== undefined))
    }
    return entries
  }

  /** A machine whose entry is lost in a crash registers again; the disk is not waited for. */
  async put(entry: RegisteredEntry): Promise<true> {
    await writeAtomically(this.#fileOf(entry.metadata), stringify(entry), { hasty: true })
    return true
  }

  async drop(reference: EntryReference): Promise<void> {
    await rm(this.#fileOf(reference), { force: true })
  }

  /** Both parts are checked names: letters, digits, inner `-` and `.`, so they lead nowhere else. */
  #fileOf({ namespace, name }: EntryReference): string {
    return join(this.path, namespace, fileNameOf(name))
  }

  async #read(file: string): Promise<RegisteredEntry | undefined> {
    const read = await readTextFile(file, sizeLimitOctets)
    const text = read.kind === 'text' ? read.text : ''
    const entry = RegisteredEntry.safeParse(tryParseYaml(text)).data
    if (entry && this.#fileOf(entry.metadata) === file) return entry
    const reason = entry
      ? `it is the file of ${entryKey(entry.metadata)}`
      : 'it is no entry of ours'
    this.#log.warn({ file, reason }, 'a registered entry cannot be taken up')
    return undefined
  }
}

/** A name may be almost as long as that of a file; then its end and a hash of it stand for it. */
function fileNameOf(name: string): string {
  const whole = `${name}.yaml`
  if (whole.length <= maxFileName - '.new'.length) return whole
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return `${hash}-${name.slice(-200)}.yaml`
}

function tryParseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
