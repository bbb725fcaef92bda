import { create } from '@bufbuild/protobuf'
import {
  type Channel,
  Client,
  credentials as grpcCredentials,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { Clock } from '../base/clock.ts'
import { CodedError } from '../base/coded-error.ts'
import { openChannel, type ServerAddress } from '../rpc/channel.ts'
import type { ClientCredentials } from '../rpc/client-credentials.ts'
import { failureReason } from '../rpc/failure-reason.ts'
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  type IstioCertificateResponse,
  IstioCertificateService,
} from '../rpc/gen/istio/v1/auth/ca_pb.js'
import { grpcDefinition } from '../rpc/grpc-definition.ts'

/** The controller gave no certificate. */
export class CertificateDeniedError extends CodedError {
  override readonly code = 'IDENTITY_CERTIFICATE_DENIED'
  /** Whether it was not believed who we are; else it may be worth another try with the same. */
  readonly isUnauthenticated: boolean

  constructor(server: string, reason: string, isUnauthenticated: boolean) {
    super(`no certificate from ${server}: ${reason}`, {
      hint: isUnauthenticated
        ? 'Put a new token in place (`meshdns workload entry configure`).'
        : 'Check that the controller runs and can be reached, and that `root-cert.pem` is of its CA.',
    })
    this.isUnauthenticated = isUnauthenticated
  }
}

/** Asks for a certificate; answers with the chain as it came: the leaf first, the roots last, PEM each. */
export type RequestCertificate = (
  csr: string,
  seconds: number,
  credentials: ClientCredentials,
) => Promise<readonly string[]>

export interface RequesterPorts {
  readonly clock: Clock
  /** The name that the CA's certificate must have, where that is not the name of the controller. */
  readonly serverName?: string
  /** Where the CA is now, the best first. */
  addresses(): Promise<readonly ServerAddress[]>
}

const timeoutMs = 10_000

const { createCertificate } = grpcDefinition(IstioCertificateService) as {
  readonly createCertificate: MethodDefinition<IstioCertificateRequest, IstioCertificateResponse>
}

/**
 * Makes one who asks controllers for certificates: the next one where one cannot be reached.
 * Its promises reject with {CertificateDeniedError}.
 */
export function createCertificateRequester(ports: RequesterPorts): RequestCertificate {
  return async (csr, seconds, credentials) => {
    const request = create(IstioCertificateRequestSchema, {
      csr,
      validityDuration: BigInt(seconds),
    })
    const tls = { ...credentials.tls, serverName: ports.serverName ?? credentials.tls.serverName }
    let last = new CertificateDeniedError(tls.serverName, 'it has no address', false)
    for (const address of await ports.addresses()) {
      const server = `${address.address}:${address.port}`
      const channel = openChannel(address, tls)
      try {
        return await call(channel, { clock: ports.clock, request, token: credentials.token })
      } catch (error) {
        const { code, details } = error as ServiceError
        const isUnauthenticated =
          code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED
        last = new CertificateDeniedError(server, failureReason(details), isUnauthenticated)
        if (code !== status.UNAVAILABLE && code !== status.CANCELLED) break
      } finally {
        channel.close()
      }
    }
    throw last
  }
}

interface Question {
  readonly clock: Clock
  readonly request: IstioCertificateRequest
  readonly token: string | undefined
}

async function call(
  channel: Channel,
  { clock, request, token }: Question,
): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
  const client = new Client('', grpcCredentials.createInsecure(), { channelOverride: channel })
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const { path, requestSerialize, responseDeserialize } = createCertificate
  const answered = client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadata,
    (error, response) => {
      if (error) reject(error)
      else resolve(response?.certChain ?? [])
    },
  )
  const cancelTimer = clock.after(timeoutMs, () => answered.cancel())
  return await promise.finally(cancelTimer)
}
