import type { ReviewHandler } from '../../admission/answer-review.ts'
import { answerInjection, type InjectionPorts } from '../../inject/answer-review.ts'

/** Puts the agent into pods, as a webhook. */
export function reviewInjection(ports: InjectionPorts): ReviewHandler {
  return ({ kind, subresource, operation, namespace, object }) => {
    const request = { kind: { kind }, subResource: subresource, operation, namespace, object }
    const { allowed, message = '', warnings = [], patch = [] } = answerInjection(request, ports)
    return allowed ? { allowed, warnings, patch } : { allowed, message, warnings }
  }
}
