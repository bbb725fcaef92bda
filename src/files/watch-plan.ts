import { type BigIntStats, lstatSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Where to listen for changes of some paths. */
export type WatchPlan = ReadonlyMap<string, PlannedWatch>

export interface PlannedWatch {
  /** Tells the folder or file from another one that takes its place. */
  readonly identity: string
  /** Entries of the folder that matter; missing when all do. */
  readonly names?: ReadonlySet<string>
}

/**
 * Plans how to hear of changes of these paths, and of their coming and going.
 *
 * Each path is watched itself where it exists, with everything that a folder holds, and its entry in
 * the folder above. A path that does not exist is waited for in the closest folder that does.
 */
export function planWatches(paths: Iterable<string>): WatchPlan {
  const whole = new Map<string, PlannedWatch>()
  const partly = new Map<string, { readonly identity: string; readonly names: Set<string> }>()
  for (const path of paths) {
    const own = isLink(path) ? undefined : identityOf(path)
    if (own !== undefined) whole.set(path, { identity: own })
    const above = nearestAbove(path)
    if (!above) continue
    const planned = partly.get(above.folder) ?? { identity: above.identity, names: new Set() }
    planned.names.add(above.name)
    partly.set(above.folder, planned)
  }
  return new Map<string, PlannedWatch>([...partly, ...whole])
}

function nearestAbove(path: string) {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const folder = dirname(at)
    const identity = identityOf(folder)
    if (identity !== undefined) return { folder, identity, name: basename(at) }
  }
  return undefined
}

/** The birth time is part of it because file systems give a number again at once. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, birthtimeNs }: BigIntStats = statSync(path, { bigint: true })
    return `${dev} ${ino} ${birthtimeNs}`
  } catch {
    return undefined
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}
