import type { TestContext } from 'node:test'
import { credentials } from '@grpc/grpc-js'
import { systemClock } from '../base/clock.ts'
import { ServerCertificate } from '../identity/server-certificate.ts'
import type { SpiffeId } from '../rpc/spiffe-id.ts'
import { serverName } from './certificate-server.ts'
import { EnvoyStream } from './envoy-discovery-client.ts'
import { certify, type IdentityRig, startIdentityRig, workload } from './identity-rig.ts'
import { startXdsServerRig, type XdsServerRig } from './xds-server-rig.ts'

/** A server with a CA behind it, as a controller has. */
export interface XdsTlsRig extends XdsServerRig {
  readonly identity: IdentityRig
  readonly certificate: ServerCertificate
  /** A stream that shows the certificate of a workload, a token, or nothing. */
  open(shown?: Shown): Promise<EnvoyStream>
}

export interface Shown {
  readonly as?: Partial<SpiffeId>
  readonly token?: string
  /** Whose certificates; our own by default. */
  readonly of?: IdentityRig
}

export async function startXdsTlsRig(
  test: Pick<TestContext, 'after'>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<XdsTlsRig> {
  const identity = await startIdentityRig(test, systemClock.wall())
  const { ca, ports, authenticator } = identity
  const names = [serverName, '127.0.0.1']
  const parts = { ca, names, lifetimeSeconds: 86_400, ports, random: () => 32_768 }
  const certificate = await ServerCertificate.start(parts)
  test.after(() => certificate.stop())
  const rig = await startXdsServerRig(test, {
    options,
    identity: { authenticator, tls: certificate },
  })
  const open = async ({ as, token, of = identity }: Shown = {}) => {
    const roots = Buffer.from(ca.roots())
    const own = as ? await certify(of.ca, { ...workload, ...as }) : undefined
    const channel = own
      ? credentials.createSsl(roots, Buffer.from(own.key), Buffer.from(own.chain))
      : credentials.createSsl(roots)
    const shown = token === undefined ? {} : { token }
    const stream = new EnvoyStream(rig.tls, 'DeltaAggregatedResources', { channel, ...shown })
    test.after(() => stream.close())
    return stream
  }
  return { ...rig, identity, certificate, open }
}
