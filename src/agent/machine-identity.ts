import { createRandom } from '../base/random.ts'
import { MachineCertificate } from '../identity/machine-certificate.ts'
import { createCertificateRequester } from '../identity/request-certificate.ts'
import { type IpAddress, tryParseIp } from '../ip/address.ts'
import type { ServerAddress } from '../rpc/channel.ts'
import type { ClientCredentialsKeeper } from '../rpc/client-credentials.ts'
import { type ControllerAddress, splitAddress, usesTls } from '../xds/client/controller-address.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

/** Finds the addresses of a controller's name. */
export type ResolveController = (host: string) => Promise<readonly IpAddress[]>

/**
 * Has the machine's certificate asked for and renewed; `undefined` when no controller is spoken to over TLS.
 *
 * Certificates come from `identity.caAddress`, or else from the controllers themselves.
 */
export async function startMachineIdentity(
  { controller, identity, stateFolder }: AgentOptions,
  resolve: ResolveController,
  ports: AgentPorts,
): Promise<ClientCredentialsKeeper | undefined> {
  const controllers = controller.addresses
    .map(splitAddress)
    .filter(({ port }) => usesTls(controller, port))
  const [first] = controllers
  if (!first) return undefined
  const authorities = identity.caAddress === '' ? controllers : [splitAddress(identity.caAddress)]
  const [authority = first] = authorities
  const request = createCertificateRequester({
    clock: ports.clock,
    serverName: controller.serverName ?? authority.host,
    addresses: async () => {
      const found = await Promise.allSettled(authorities.map(find))
      const failed = found.find((outcome) => outcome.status === 'rejected')
      const addresses = found.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value : [],
      )
      // One name that is not known does not keep the others away.
      if (addresses.length === 0 && failed) throw failed.reason
      return addresses
    },
  })
  return ports.scope.start('identity', () =>
    MachineCertificate.start({
      options: identity,
      stateFolder,
      serverName: controller.serverName ?? first.host,
      request,
      ports,
      random: createRandom(),
    }),
  )

  async function find({ host, port }: ControllerAddress): Promise<readonly ServerAddress[]> {
    const literal = tryParseIp(host)
    const addresses = literal === undefined ? await resolve(host) : [literal]
    return addresses.map((address) => ({ address, port }))
  }
}
