import { findOwner } from './accounts-file.ts'
import { compare, lookAt, type Step } from './compare.ts'
import { type Installation, InstallRecord, recordFolder } from './install-record.ts'
import { emptyManifest, extendManifest, type Manifest } from './manifest.ts'
import type { FilePlacement, FolderPlacement, Placement } from './placement.ts'
import { type FileRights, placeFile, placeFolder, placeLink } from './write-place.ts'

/** What an installation would do, or did. */
export interface Plan {
  readonly root: string
  readonly installation: Installation
  readonly steps: readonly Step[]
  /** What earlier ones did. */
  readonly manifest: Manifest
}

/**
 * Finds out what is left to do; changes nothing.
 * @throws {ObstacleError} when something else is in the way.
 * @throws {ManifestDamagedError} when the record of an earlier installation makes no sense.
 */
export function planInstallation(
  root: string,
  installation: Installation,
  placements: readonly Placement[],
): Plan {
  const manifest = new InstallRecord(root, installation).read() ?? emptyManifest
  return { root, installation, manifest, steps: compare(root, [recordFolder, ...placements]) }
}

export function isDone({ steps }: Plan): boolean {
  return steps.every(({ change }) => change === 'same')
}

/** Users that an installation needs and the machine lacks. */
export interface AccountWork {
  readonly missing: readonly string[]
  readonly make: () => Promise<void>
}

/**
 * Does what is left to do. What will be changed is recorded first, so that it can be taken away
 * again also when it ends half-way; a second call goes on from there.
 * @throws {PlaceDeniedError} when something cannot be written.
 */
export async function applyPlan(plan: Plan, accounts?: AccountWork): Promise<void> {
  const { root, installation, steps, manifest } = plan
  const entries = steps.flatMap(({ entry }) => entry ?? [])
  const record = new InstallRecord(root, installation)
  const first = steps.findIndex(({ placement }) => placement === recordFolder) + 1
  for (const step of steps.slice(0, first)) perform(root, step)
  record.write(extendManifest(manifest, { entries, accounts: accounts?.missing ?? [] }))
  if (accounts && accounts.missing.length > 0) await accounts.make()
  for (const step of steps.slice(first)) perform(root, step)
}

function perform(root: string, { placement, change, file, text }: Step): void {
  if (change === 'same') return
  switch (placement.kind) {
    case 'folder':
      return placeFolder(file, rightsOf(root, placement))
    case 'file':
      return placeFile(file, text, rightsOf(root, placement))
    case 'link':
      return placeLink(file, placement.target)
    case 'block':
      return placeFile(file, text, rightsFound(file))
  }
}

function rightsOf(root: string, { mode, owner }: FilePlacement | FolderPlacement): FileRights {
  return { mode, account: findOwner(root, owner) }
}

/** Somebody else's file keeps its rights; a new one is for all to read. */
function rightsFound(file: string): FileRights {
  const found = lookAt(file)
  if (found.kind !== 'file') return { mode: 0o644 }
  const { mode, uid, gid } = found
  return { mode, account: process.getuid?.() === 0 ? { uid, gid } : undefined }
}
