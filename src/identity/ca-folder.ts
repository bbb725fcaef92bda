import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../base/write-atomically.ts'
import {
  type CaChange,
  type CaFileName,
  type CaStore,
  type CaTexts,
  caFileNames,
} from './ca-store.ts'
import { readPrivateFile } from './private-file.ts'

const secrets: ReadonlySet<CaFileName> = new Set([caFileNames.key, caFileNames.nextKey])

/** A CA in a folder. Files of users' own stand there as well: more than one is never replaced at a moment. */
export class CaFolder implements CaStore {
  readonly place: string

  constructor(folder: string) {
    this.place = folder
  }

  /** @throws {SecretExposedError} when others may read a key. */
  async load(): Promise<CaTexts> {
    const files: Partial<Record<CaFileName, string>> = {}
    for (const name of Object.values(caFileNames)) {
      const text = await this.#read(name)
      if (text !== undefined) files[name] = text
    }
    const { certificate, roots, chain } = caFileNames
    // A key without anything else is what a first start leaves that was cut short.
    const isTaken = [certificate, roots, chain].some((name) => files[name] !== undefined)
    const { ctimeMs = 0 } = (await stat(this.#fileOf(certificate)).catch(() => undefined)) ?? {}
    return { files, isTaken, signsSince: ctimeMs }
  }

  async change(changes: readonly CaChange[]): Promise<boolean> {
    for (const [name, text] of changes) {
      if (text === undefined) await rm(this.#fileOf(name), { force: true })
      else await writeAtomically(this.#fileOf(name), text)
    }
    return true
  }

  async #read(name: CaFileName): Promise<string | undefined> {
    const file = this.#fileOf(name)
    if (secrets.has(name)) return await readPrivateFile(file)
    return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  }

  #fileOf(name: CaFileName): string {
    return join(this.place, name)
  }
}
