import type { Running } from '../base/scope.ts'
import type { Service } from './service.ts'

/** Where configuration comes from: files, a cluster, a controller. */
export interface Source extends Running {
  /** For people, in logs and health items. */
  readonly name: string
  /** All services it knows now, whole and immutable; the same array as long as nothing changed. */
  services(): readonly Service[]
  /** Calls back after each change, with `services()` already new. */
  follow(onChange: () => void): void
  /** Reads everything again now; what did not change causes no call back. */
  reload(): Promise<void>
}
