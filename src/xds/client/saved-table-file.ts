import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../base/make-folder.ts'
import { syncFolder } from '../../base/write-atomically.ts'
import { readFrames } from './table-frames.ts'
import { encodeHeading } from './table-heading.ts'

/** A saved table that is being written: only ever made longer, by whole frames. */
export class SavedTableFile {
  readonly #handle: FileHandle
  #path: string
  /** Up to where it is good; a frame that was written in part is written over. */
  #octets: number

  private constructor(path: string, handle: FileHandle, octets: number) {
    this.#path = path
    this.#handle = handle
    this.#octets = octets
  }

  /** A new one beside the one of that path, readable by its owner only; `moveTo` puts it in its place. */
  static async create(file: string, typeUrl: string): Promise<SavedTableFile> {
    await makeFolder(dirname(file), 0o700)
    const path = `${file}.new`
    // One of an earlier crash, or a link that somebody put there.
    await rm(path, { force: true })
    const table = new SavedTableFile(path, await open(path, 'wx+', 0o600), 0)
    await table.append(encodeHeading(typeUrl))
    return table
  }

  /**
   * The one that is there.
   * @throws {FrameDamagedFault} when it is not what was written.
   */
  static async open(path: string): Promise<SavedTableFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      let octets = 0
      for await (const { end } of readFrames(handle)) octets = end
      return new SavedTableFile(path, handle, octets)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** When `touch` was called last, or the file written. */
  async goodAtMs(): Promise<number> {
    const { mtimeMs } = await this.#handle.stat()
    return mtimeMs
  }

  /** The first payload; empty when there is none. */
  async heading(): Promise<Uint8Array> {
    for await (const { payload } of readFrames(this.#handle)) return payload
    return new Uint8Array()
  }

  get octets(): number {
    return this.#octets
  }

  async append(frame: Uint8Array): Promise<void> {
    let written = 0
    while (written < frame.length) {
      const { bytesWritten } = await this.#handle.write(
        frame,
        written,
        frame.length - written,
        this.#octets + written,
      )
      written += bytesWritten
    }
    this.#octets += frame.length
  }

  /** Every payload after the heading, in the order of writing. */
  async *payloads(): AsyncGenerator<Uint8Array> {
    let isHeading = true
    for await (const { payload } of readFrames(this.#handle)) {
      if (!isHeading) yield payload
      isHeading = false
    }
  }

  /** What was appended is on disk when this returns. */
  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  /** Says when the table was known to be good. */
  touch(wallMs: number): Promise<void> {
    const time = new Date(wallMs)
    return this.#handle.utimes(time, time)
  }

  /** Takes the place of what has that path; after a crash there is one or the other. */
  async moveTo(path: string): Promise<void> {
    await this.#handle.truncate(this.#octets)
    await this.#handle.sync()
    await rename(this.#path, path)
    this.#path = path
    await syncFolder(dirname(path))
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
