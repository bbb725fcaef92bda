import type { ReviewHandler } from '../../admission/answer-review.ts'
import type { PatchStep, ReviewResponse } from '../../admission/review.ts'
import { answerInjection, type InjectionPorts } from '../../inject/answer-review.ts'

/** Puts the agent into pods, as a webhook. */
export function reviewInjection(ports: InjectionPorts): ReviewHandler {
  return ({ uid, kind, subresource, operation, namespace, object }): ReviewResponse => {
    const request = { uid, kind: { kind }, subResource: subresource, operation, namespace, object }
    const { allowed, status, warnings = [], patch } = answerInjection(request, ports)
    const said = warnings.length > 0 ? { warnings } : {}
    if (!allowed) return { allowed, message: status?.message ?? 'refused', ...said }
    return { allowed, ...said, ...(patch === undefined ? {} : { patch: stepsOf(patch) }) }
  }
}

function stepsOf(patch: string): readonly PatchStep[] {
  return JSON.parse(Buffer.from(patch, 'base64').toString()) as readonly PatchStep[]
}
