import type { TestContext } from 'node:test'
import { experimental, Server } from '@grpc/grpc-js'
import type { CertificateServiceParts, GrpcService } from '../identity/certificate-service.ts'
import { createCertificateService } from '../identity/certificate-service.ts'
import { ServerCertificate } from '../identity/server-certificate.ts'
import type { ServerTls } from '../rpc/authenticator.ts'
import type { ServerAddress } from '../rpc/channel.ts'
import type { IdentityRig } from './identity-rig.ts'

export const serverName = 'istiod.istio-system.svc'

/** What a certificate service needs, with limits that a test can reach. */
export function servicePartsOf(rig: IdentityRig): CertificateServiceParts {
  const { ca, authenticator, bindings, ports } = rig
  const options = {
    certificateSeconds: 86_400,
    maxCertificateSeconds: 172_800,
    certificatesPerMinute: 5,
  }
  return { ca, authenticator, bindings, ports, options }
}

/** Serves certificates on loopback, over TLS where a client may show a certificate, or not. */
export async function startCertificateServer(
  test: Pick<TestContext, 'after'>,
  rig: IdentityRig,
  service: GrpcService = createCertificateService(servicePartsOf(rig)),
): Promise<ServerAddress & { readonly tls: ServerCertificate }> {
  const { ca, ports } = rig
  const names = [serverName, '127.0.0.1']
  const random = () => 32_768
  const tls = await ServerCertificate.start({ ca, names, lifetimeSeconds: 86_400, ports, random })
  const server = new Server()
  server.addService(service.definition, service.implementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials(tls), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  test.after(async () => {
    server.forceShutdown()
    await tls.stop()
  })
  return { address: '127.0.0.1', port, tls }
}

function serverCredentials(keeper: ServerCertificate) {
  const { createCertificateProviderServerCredentials } = experimental
  type Roots = Parameters<typeof createCertificateProviderServerCredentials>[0]
  type Own = Parameters<typeof createCertificateProviderServerCredentials>[1]
  const tell = <T>(listener: (value: T) => void, make: (tls: ServerTls) => T) => {
    // grpc-js listens to what it is told only after this returns.
    queueMicrotask(() => listener(make(keeper.current())))
    keeper.follow((tls) => listener(make(tls)))
  }
  const provider: Roots & Own = {
    addCaCertificateListener: (listener) =>
      tell(listener, ({ roots }) => ({ caCertificate: Buffer.from(roots) })),
    addIdentityCertificateListener: (listener) =>
      tell(listener, ({ chain, key }) => ({
        certificate: Buffer.from(chain),
        privateKey: Buffer.from(key),
      })),
    removeCaCertificateListener() {},
    removeIdentityCertificateListener() {},
  }
  return createCertificateProviderServerCredentials(provider, provider, false)
}
