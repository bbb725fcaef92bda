import { z } from 'zod'
import { reasonOf } from '../base/reason-of.ts'
import type { PatchStep } from '../documents/json-patch.ts'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'

/** What an API server wants to know before it stores something (Kubernetes: admission.k8s.io/v1 AdmissionRequest). */
export interface ReviewRequest {
  readonly uid: string
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Such as `status`; empty for the object itself. */
  readonly subresource: string
  /** Empty while the server has not made one of `generateName` yet. */
  readonly name: string
  /** Empty for objects outside of namespaces. */
  readonly namespace: string
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** Missing when it is deleted. */
  readonly object?: PlainMap
  /** As it is stored; missing when it is new. */
  readonly oldObject?: PlainMap
  readonly dryRun: boolean
}

/** What we say to that. */
export type ReviewResponse = (
  | { readonly allowed: true; readonly patch?: readonly PatchStep[] }
  | { readonly allowed: false; readonly message: string }
) & {
  /** `kubectl` prints each on a line of its own. */
  readonly warnings?: readonly string[]
}

export type ReviewRead =
  | { readonly kind: 'request'; readonly request: ReviewRequest }
  | { readonly kind: 'fault'; readonly message: string }

const text = z.string().max(1_024)
const object = z.custom<PlainMap>(isPlainMap, 'must be an object')

const Review = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: text.min(1),
    kind: z.object({ group: text, version: text, kind: text }),
    subResource: text.nullish(),
    name: text.nullish(),
    namespace: text.nullish(),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    object: object.nullish(),
    oldObject: object.nullish(),
    dryRun: z.boolean().nullish(),
  }),
})

/** Deeper than any object that we know; what reads values may go into them step by step. */
const maxDepth = 100

/** Reads an AdmissionReview with a request; a fault is said in words. Never throws. */
export function readReview(octets: Uint8Array): ReviewRead {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets))
  } catch (error) {
    return { kind: 'fault', message: `this is no JSON: ${reasonOf(error)}` }
  }
  if (isDeeperThan(value, maxDepth)) {
    return { kind: 'fault', message: `this is nested deeper than ${maxDepth} levels` }
  }
  const { data, error } = Review.safeParse(value)
  if (!data) {
    const [issue] = error.issues
    const path = issue?.path.join('.') ?? ''
    const where = path === '' ? '' : `${path}: `
    return { kind: 'fault', message: `this is no AdmissionReview: ${where}${issue?.message}` }
  }
  const { request } = data
  return {
    kind: 'request',
    request: {
      uid: request.uid,
      ...request.kind,
      subresource: request.subResource ?? '',
      name: request.name ?? '',
      namespace: request.namespace ?? '',
      operation: request.operation,
      ...(request.object ? { object: request.object } : {}),
      ...(request.oldObject ? { oldObject: request.oldObject } : {}),
      dryRun: request.dryRun ?? false,
    },
  }
}

/** The AdmissionReview that answers. */
export function reviewAnswer(uid: string, response: ReviewResponse): PlainMap {
  const { allowed, warnings = [] } = response
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(response.allowed ? patchOf(response.patch ?? []) : { status: statusOf(response) }),
    },
  }
}

function patchOf(patch: readonly PatchStep[]): PlainMap {
  if (patch.length === 0) return {}
  return {
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  }
}

/** With any other `reason`, `kubectl` puts words of its own before ours. */
function statusOf({ message }: { readonly message: string }): PlainMap {
  return { code: 400, message }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  let level = [value]
  for (let at = 0; level.length > 0; at += 1) {
    if (at > depth) return true
    level = level.filter((one) => typeof one === 'object' && one !== null).flatMap(Object.values)
  }
  return false
}
