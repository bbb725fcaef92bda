import type { Report } from '../../documents/report.ts'
import type { Resolution } from '../../registry/service.ts'
import type { ObjectMeta } from '../mesh-object.ts'
import type { EntryShape } from './entry-shape.ts'

/** What every rule about a ServiceEntry may look at. */
export interface EntryContext {
  readonly spec: EntryShape
  readonly meta: ObjectMeta
  readonly resolution: Resolution
  readonly report: Report
  /** Whether the mesh gives addresses to hosts without one. */
  readonly autoAllocate: boolean
}
