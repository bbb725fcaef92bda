import { channel } from 'node:diagnostics_channel'

/** A query whose answer is final. */
export interface QueryAnswered {
  readonly client: string
  readonly name: string
  readonly type: string
  readonly rcode: string
  /** Whether the mesh said it, or an upstream (or nobody could). */
  readonly from: 'mesh' | 'upstream'
  readonly durationMs: number
}

/** Carries a `QueryAnswered` for each query; costs next to nothing while nobody listens. */
export const queryAnswered = channel('meshdns:query-answered')
