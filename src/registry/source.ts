import type { Running } from '../base/scope.ts'
import type { Declarations } from './catalog.ts'

/** Where configuration comes from: files, a cluster, a controller. */
export interface Source extends Declarations, Running {
  /** For people, in logs and health items. */
  readonly name: string
  /** Reads everything again now; what did not change causes no call back. */
  reload(): Promise<void>
}
