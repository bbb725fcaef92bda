import { readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { resolveInside } from './inside-root.ts'
import { formatManifest, type Manifest, parseManifest } from './manifest.ts'
import type { FolderPlacement } from './placement.ts'
import { PlaceDeniedError, placeFile } from './write-place.ts'

/** What can be installed, and taken away, by itself. */
export type Installation = 'vm' | 'controller'

/** Only root may write here: whoever writes a record decides what root puts back. */
export const recordFolder: FolderPlacement = {
  kind: 'folder',
  path: '/var/lib/meshdns-install',
  mode: 0o700,
}

/** The record of an installation below a root. */
export class InstallRecord {
  readonly #file: string

  constructor(root: string, installation: Installation) {
    this.#file = resolveInside(root, `${recordFolder.path}/${installation}.json`)
  }

  /**
   * Nothing when it was never installed.
   * @throws {ManifestDamagedError} when it makes no sense.
   * @throws {PlaceDeniedError} when it cannot be read.
   */
  read(): Manifest | undefined {
    try {
      return parseManifest(readFileSync(this.#file, 'utf8'), this.#file)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      throw code === 'EACCES' ? new PlaceDeniedError(this.#file, error) : error
    }
  }

  /**
   * The folder has to be there.
   * @throws {PlaceDeniedError} when it cannot be written.
   */
  write(manifest: Manifest): void {
    placeFile(this.#file, formatManifest(manifest), { mode: 0o600 })
  }

  remove(): void {
    rmSync(this.#file, { force: true })
    try {
      rmdirSync(dirname(this.#file))
    } catch {
      // The record of another installation is in it.
    }
  }
}
