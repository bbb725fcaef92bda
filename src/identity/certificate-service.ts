import { createHash } from 'node:crypto'
import { create } from '@bufbuild/protobuf'
import {
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { Seldom } from '../base/seldom.ts'
import { UnauthenticatedError } from '../rpc/authenticator.ts'
import {
  type IstioCertificateRequest,
  type IstioCertificateResponse,
  IstioCertificateResponseSchema,
  IstioCertificateService,
} from '../rpc/gen/istio/v1/auth/ca_pb.js'
import { grpcDefinition } from '../rpc/grpc-definition.ts'
import { peerCredentialsOf } from '../rpc/peer-credentials.ts'
import { formatSpiffeId } from '../rpc/spiffe-id.ts'
import type { KnownPeer, PeerAuthenticator } from './authenticate-peer.ts'
import type { CertificateAuthority, IdentityPorts } from './certificate-authority.ts'
import { IssueLimit } from './issue-limit.ts'
import { certificatesRefused } from './meters.ts'
import type { IdentityOptions } from './options.ts'
import { CsrRefusedError, readCsr } from './read-csr.ts'
import type { TokenBindings } from './token-bindings.ts'

export interface CertificateServiceParts {
  readonly ca: CertificateAuthority
  readonly authenticator: PeerAuthenticator
  readonly bindings: TokenBindings
  readonly options: Pick<
    IdentityOptions,
    'certificateSeconds' | 'maxCertificateSeconds' | 'certificatesPerMinute'
  >
  readonly ports: IdentityPorts
}

/** What a gRPC server serves. */
export interface GrpcService {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

type Call = ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>

interface Refusal {
  readonly code: status
  readonly reason: string
  /** For the other end, so that it holds nothing secret. */
  readonly details: string
}

/** Gives every workload that shows who it is a certificate that says so (Istio: IstioCertificateService). */
export function createCertificateService(parts: CertificateServiceParts): GrpcService {
  const { log, meters, clock } = parts.ports
  const limit = new IssueLimit(parts.options.certificatesPerMinute, clock)
  const seldom = new Seldom(clock)

  const createCertificate = (call: Call, answer: sendUnaryData<IstioCertificateResponse>) => {
    const client = call.getPeer()
    answerCall(parts, limit, call).then(
      (response) => answer(null, response),
      (error: unknown) => {
        const { code, reason, details } = refusalOf(error)
        meters.cell(certificatesRefused, reason).value += 1
        // What we did not expect is for our own log, and for nobody else.
        const unexpected = code === status.INTERNAL ? { error } : {}
        const count = seldom.countToTell(reason)
        if (count > 0) log.warn({ client, reason, count, ...unexpected }, 'refused a certificate')
        answer({ code, details })
      },
    )
  }
  return {
    definition: grpcDefinition(IstioCertificateService),
    implementation: { createCertificate },
  }
}

/** A peer that is known may not have a certificate now, or not with this token. */
class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.details)
    this.refusal = refusal
  }
}

async function answerCall(
  parts: CertificateServiceParts,
  limit: IssueLimit,
  call: Call,
): Promise<IstioCertificateResponse> {
  const { ca, authenticator, options, ports } = parts
  const credentials = peerCredentialsOf(call)
  const peer = await authenticator.identify(credentials)
  const name = formatSpiffeId(peer.identity)
  const host = credentials.address.replace(/:\d+$/, '')
  if (!limit.take(`${name} ${host}`)) {
    const details = `${name} asked for too many certificates; try again in a minute`
    throw new Refused({ code: status.RESOURCE_EXHAUSTED, reason: 'too_many', details })
  }
  const publicKey = await readCsr(call.request.csr)
  await bindToken(parts.bindings, peer, publicKey)

  const asked = Number(call.request.validityDuration)
  const wanted = asked > 0 ? asked : options.certificateSeconds
  const seconds = Math.min(Math.max(wanted, 60), options.maxCertificateSeconds)
  const subject = { kind: 'workload', identity: peer.identity } as const
  const { leaf, intermediates, roots } = await ca.issue(subject, publicKey, seconds)
  ports.log.info({ client: credentials.address, name }, 'issued a certificate')
  return create(IstioCertificateResponseSchema, { certChain: [leaf, ...intermediates, roots] })
}

async function bindToken(
  bindings: TokenBindings,
  { token }: KnownPeer,
  publicKey: Buffer,
): Promise<void> {
  if (token?.bindingId === undefined) return
  const key = createHash('sha256').update(publicKey).digest('base64url')
  if (await bindings.bind(token.bindingId, key, token.expiresAt)) return
  throw new Refused({
    code: status.PERMISSION_DENIED,
    reason: 'token_used',
    details: 'the token was used with another key already; get a new one',
  })
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal
  if (error instanceof UnauthenticatedError) {
    return { code: status.UNAUTHENTICATED, reason: error.reason, details: error.message }
  }
  if (error instanceof CsrRefusedError) {
    return { code: status.INVALID_ARGUMENT, reason: error.reason, details: error.message }
  }
  return { code: status.INTERNAL, reason: 'internal', details: 'no certificate could be made' }
}
