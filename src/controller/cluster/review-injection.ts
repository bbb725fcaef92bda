import type { ReviewHandler } from '../../admission/answer-review.ts'
import type { ReviewResponse } from '../../admission/review.ts'
import { answerInjection, type InjectionPorts } from '../../inject/answer-review.ts'

/** Puts the agent into pods, as a webhook. */
export function reviewInjection(ports: InjectionPorts): ReviewHandler {
  return ({ kind, subresource, operation, namespace, object }): ReviewResponse => {
    const request = { kind: { kind }, subResource: subresource, operation, namespace, object }
    const { allowed, message = 'refused', warnings, patch } = answerInjection(request, ports)
    const said = warnings ? { warnings } : {}
    if (!allowed) return { allowed, message, ...said }
    return { allowed, ...said, ...(patch ? { patch } : {}) }
  }
}
