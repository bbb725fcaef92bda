import { sharedNames } from '../../config/cluster-object-names.ts'
import { valueAt } from '../../config/layer.ts'
import {
  type ControllerIdentity,
  type ControllerIdentityParts,
  startControllerIdentity,
} from '../../identity/controller-identity.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import type { ControllerPorts } from '../ports.ts'
import { CaSecret } from './ca-secret.ts'
import { insistentClient } from './insistent-client.ts'
import { ClusterKeys } from './tokens/cluster-keys.ts'
import { ClusterTokens } from './tokens/cluster-tokens.ts'

export interface ClusterIdentityParts
  extends Pick<ControllerIdentityParts, 'options' | 'serverNames' | 'stateFolder'> {
  /** Of the controller. */
  readonly namespace: string
}

/**
 * Starts the CA of a cluster, and believes the tokens of its service accounts; everything is stopped with the scope.
 * @throws {CaUnusableError} when what is in its Secret contradicts itself.
 * @throws {ApiFailure} when we may not read or write the Secret.
 */
export async function startClusterIdentity(
  parts: ClusterIdentityParts,
  ports: ControllerPorts & Pick<ReflectorPorts, 'random'> & { readonly client: ClusterClient },
): Promise<ControllerIdentity> {
  const { namespace, options } = parts
  const { client, random, scope, clock, health, log } = ports
  const { tokenAudience: audience, tokenSkewSeconds: skewSeconds } = options
  const changes = [sharedNames.ownCaSecret, sharedNames.caSecret].map((name) =>
    followSecret({ name, namespace }, ports),
  )
  for (const one of changes) await scope.start('ca-secret', () => one.start())
  const common = { client, audience, skewSeconds, clock }
  const keys = await scope.start('token-keys', () => new ClusterKeys({ ...common, log }).start())
  const tokens = new ClusterTokens({ ...common, keys, health })
  const caStore = new CaSecret({ client: insistentClient(ports), namespace, clock, changes })
  return await scope.start('identity', () =>
    startControllerIdentity({ ...parts, ports, random, caStore, tokens }),
  )
}

/** Tells that a Secret is another one now; keeps nothing of what is in it. */
function followSecret(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  ports: ReflectorPorts,
): Reflector<string> {
  return new Reflector(
    {
      kind: { group: '', versions: ['v1'], plural: 'secrets' },
      namespace,
      fieldSelector: `metadata.name=${name}`,
      project: (raw) => String(valueAt(raw, ['metadata', 'resourceVersion'])),
    },
    ports,
  )
}
