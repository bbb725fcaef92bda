import type { RegisteredEntry } from './registered-entry.ts'

/** What names an entry among all. */
export interface EntryReference {
  readonly namespace: string
  readonly name: string
}

/** What became of entries, whoever did it. */
export interface EntryChange {
  readonly put: readonly RegisteredEntry[]
  readonly gone: readonly RegisteredEntry[]
}

/** Keeps the entries of machines that registered; whoever follows the store's place sees them come and go. */
export interface WorkloadEntryStore {
  /** What this controller kept before. */
  load(): Promise<readonly RegisteredEntry[]>
  /**
   * Adds or replaces; returns when it is kept. Not to be called twice at a time for one entry.
   *
   * Answers `false`, and changes nothing, where it is not ours to keep: the machine connected to another controller
   * since, or its group is gone.
   */
  put(entry: RegisteredEntry): Promise<boolean>
  /**
   * Returns when it is gone, also when it was not there.
   *
   * `held` is how it was kept last: an entry that is another controller's since is left alone.
   */
  drop(reference: EntryReference, held: RegisteredEntry | undefined): Promise<void>
  /** Hears of each change; only where other controllers write as well. */
  follow?(onChange: (change: EntryChange) => void): void
}

/** One text for a reference. */
export function entryKey({ namespace, name }: EntryReference): string {
  return `${namespace}/${name}`
}
