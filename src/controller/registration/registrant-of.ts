import type { Registrant } from '../../translate/registration/registrant.ts'
import type { Proxy } from '../../xds/proxy.ts'
import type { ProxyConnection } from '../../xds/server/ports.ts'

/** What a proxy says of the machine that it is on; `undefined` when it wants to be in no group. */
export function registrantOf(
  proxy: Proxy,
  { identity }: Pick<ProxyConnection, 'identity'>,
): Registrant | undefined {
  const { autoRegisterGroup: group, namespace, labels, network, locality } = proxy
  if (group === undefined || group === '') return undefined
  const [address] = proxy.addresses
  return {
    namespace,
    group,
    labels,
    checksHealth: hasReadinessProbe(proxy.metadata['PROXY_CONFIG']),
    ...(address === undefined ? {} : { address }),
    ...(network === undefined || network === '' ? {} : { network }),
    ...(locality === undefined ? {} : { locality }),
    ...(identity === undefined ? {} : { identity }),
  }
}

function hasReadinessProbe(config: unknown): boolean {
  if (typeof config !== 'object' || config === null) return false
  return Object.hasOwn(config, 'readinessProbe')
}
