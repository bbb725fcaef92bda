import { type AdmissionServer, startAdmissionServer } from '../../admission/admission-server.ts'
import type { ReviewHandler, ReviewHandlers } from '../../admission/answer-review.ts'
import type { ReviewRequest, ReviewResponse } from '../../admission/review.ts'
import { validateObject } from '../../admission/validate-object.ts'
import type { ClusterPlace } from '../../config/cluster-object-names.ts'
import { isRevisioned } from '../../config/mesh-names.ts'
import type { ControllerIdentity } from '../../identity/controller-identity.ts'
import { answerInjection } from '../../inject/answer-review.ts'
import type { Declarations } from '../../registry/catalog.ts'
import type { ControllerOptions } from '../options.ts'
import { startCaBundles } from './ca-bundles.ts'
import type { ClusterPorts } from './cluster-ports.ts'
import type { InjectionFacts } from './injection-facts.ts'
import { everybodyLeads, type Leadership } from './leadership.ts'

export interface WebhookParts {
  readonly options: ControllerOptions
  readonly place: ClusterPlace
  readonly identity: Pick<ControllerIdentity, 'ca' | 'tls'>
  readonly leadership: Leadership
  readonly facts: InjectionFacts
  readonly declared: Pick<Declarations, 'services'>
}

/** Answers the API server's questions, and has it know by which certificate. */
export async function serveWebhooks(
  { options, place, identity, leadership, facts, declared }: WebhookParts,
  ports: ClusterPorts,
): Promise<AdmissionServer> {
  const { scope } = ports
  const { ca, tls } = identity
  const { allocate: autoAllocate } = options.virtualAddresses
  const handlers: ReviewHandlers = new Map<string, ReviewHandler>([
    ['/validate', (request) => validateObject(request, { autoAllocate, declared })],
    ['/inject', (request) => reviewInjection(request, facts)],
  ])
  const server = await scope.start('webhooks', () =>
    startAdmissionServer(options.admission, handlers, { ...ports, tls }),
  )
  // One leads among all revisions, and knows only the webhooks of its own.
  const ours = isRevisioned(place.revision) ? everybodyLeads : leadership
  await scope.start('ca bundles', () =>
    startCaBundles({ place, leadership: ours, certificates: ca }, ports),
  )
  return server
}

/** Puts the agent into a pod. */
function reviewInjection(
  { kind, subresource, ...asked }: ReviewRequest,
  facts: InjectionFacts,
): ReviewResponse {
  const request = { ...asked, kind: { kind }, subResource: subresource }
  const { allowed, message = '', warnings = [], patch = [] } = answerInjection(request, facts)
  return allowed ? { allowed, warnings, patch } : { allowed, message, warnings }
}
