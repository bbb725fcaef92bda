import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { CodedError } from '../../base/coded-error.ts'
import type { Account } from './accounts-file.ts'
import type { Before } from './manifest.ts'

/** A file or folder cannot be written. What was done before it stays recorded, and can be taken away. */
export class PlaceDeniedError extends CodedError {
  override readonly code = 'INSTALL_DENIED'

  constructor(path: string, cause: unknown) {
    super(`${path} cannot be written`, {
      cause,
      hint: 'Run it as root, or write below a folder of your own with --root FOLDER.',
    })
  }
}

export interface FileRights {
  readonly mode: number
  /** Whoever writes, when missing. */
  readonly account?: Account | undefined
}

/**
 * Replaces a file, or a link, by a file; after a crash there is the old one or the new one.
 * @throws {PlaceDeniedError} when it cannot be written.
 */
export function placeFile(file: string, content: string | Uint8Array, rights: FileRights): void {
  attempt(file, () => {
    const temporary = `${file}.meshdns-new`
    rmSync(temporary, { force: true })
    const handle = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(handle, content)
      if (rights.account) fchownSync(handle, rights.account.uid, rights.account.gid)
      fchmodSync(handle, rights.mode)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameOver(temporary, file, content)
  })
}

/** A file that is a mount of its own, as /etc/hosts in containers, can only be overwritten. */
function renameOver(temporary: string, file: string, content: string | Uint8Array): void {
  try {
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    writeFileSync(file, content)
  }
}

/**
 * Replaces a file, or a link, by a link.
 * @throws {PlaceDeniedError} when it cannot be made.
 */
export function placeLink(file: string, target: string): void {
  placeBack(file, { kind: 'link', target })
}

/** @throws {PlaceDeniedError} when it cannot be made. */
export function placeFolder(folder: string, { mode, account }: FileRights): void {
  attempt(folder, () => {
    mkdirSync(folder, { mode: 0o700 })
    if (account) chownSync(folder, account.uid, account.gid)
    chmodSync(folder, mode)
  })
}

/**
 * Puts back what was at a place.
 * @throws {PlaceDeniedError} when it cannot be written.
 */
export function placeBack(file: string, before: Before): void {
  if (before.kind === 'file') {
    const { octets, mode, uid, gid } = before
    const account = process.getuid?.() === 0 ? { uid, gid } : undefined
    placeFile(file, Buffer.from(octets, 'base64'), { mode, account })
    return
  }
  attempt(file, () => {
    rmSync(file, { force: true })
    if (before.kind === 'link') symlinkSync(before.target, file)
  })
}

function attempt(path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    throw new PlaceDeniedError(path, cause)
  }
}
