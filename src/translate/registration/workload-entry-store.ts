import type { RegisteredEntry } from './registered-entry.ts'

/** What names an entry among all. */
export interface EntryReference {
  readonly namespace: string
  readonly name: string
}

/** Keeps the entries of machines that registered; whoever follows the store's place sees them come and go. */
export interface WorkloadEntryStore {
  /** What was kept before. */
  load(): Promise<readonly RegisteredEntry[]>
  /** Adds or replaces; returns when it is kept. Not to be called twice at a time for one entry. */
  put(entry: RegisteredEntry): Promise<void>
  /** Returns when it is gone, also when it was not there. */
  drop(reference: EntryReference): Promise<void>
}

/** One text for a reference. */
export function entryKey({ namespace, name }: EntryReference): string {
  return `${namespace}/${name}`
}
