import { CodedError } from '../../base/coded-error.ts'

/** What an API server says of a call that it did not do (Kubernetes: meta/v1 Status). */
export interface ApiFault {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** One word of the API, such as `NotFound`, `Conflict`, `Expired`; empty when it gave none. */
  readonly reason: string
  readonly message: string
  /** How long to leave the server alone, in milliseconds, where it said so. */
  readonly retryAfterMs?: number
  /** What to do, where the status does not tell. */
  readonly hint?: string
}

/** A call of a cluster's API that failed; `status` and `reason` say how. */
export class ApiFailure extends CodedError {
  override readonly code = 'KUBERNETES_API'
  readonly status: number
  readonly reason: string
  readonly retryAfterMs: number | undefined

  constructor(call: string, fault: ApiFault, cause?: unknown) {
    super(`${call}: ${fault.message}`, {
      ...(cause === undefined ? {} : { cause }),
      ...hintOf(fault),
    })
    this.status = fault.status
    this.reason = fault.reason
    this.retryAfterMs = fault.retryAfterMs
  }
}

function hintOf({ status, hint }: ApiFault): { readonly hint?: string } {
  if (hint !== undefined) return { hint }
  if (status === 0) return { hint: 'See whether the cluster is up: kubectl cluster-info.' }
  if (status === 401) return { hint: 'The credentials do not count, or no longer: log in again.' }
  if (status === 403) return { hint: 'The account lacks a right: kubectl auth can-i --list.' }
  return {}
}

/** Whether the error is an answer of the API with this status. */
export function isApiFailure(error: unknown, status: number): error is ApiFailure {
  return error instanceof ApiFailure && error.status === status
}

/** Longest time for which a server may send us away. */
const longestRetryAfterMs = 300_000

/** How long the server that failed so wants to be left alone, in milliseconds. */
export function leaveAloneMs(error: unknown): number {
  if (!(error instanceof ApiFailure)) return 0
  return Math.min(error.retryAfterMs ?? 0, longestRetryAfterMs)
}
