import type { Report } from '../documents/report.ts'
import type { ObjectMeta } from './mesh-object.ts'

/** An object whose kind and metadata are known, and what its parser needs for the rest. */
export interface Unparsed {
  readonly raw: Readonly<Record<string, unknown>>
  readonly meta: ObjectMeta
  readonly report: Report
  /** Whether hosts without an address get a virtual one. */
  readonly autoAllocate: boolean
}
