import { clusterNames } from '../../config/cluster-object-names.ts'
import type { InstallConfig } from '../../config/install-config.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { applySteps } from './apply/apply-plan.ts'
import { type ClusterStep, planCluster } from './apply/plan.ts'
import type { ClusterObject } from './object.ts'
import { type Manifests, renderManifests } from './render/manifests.ts'
import type { Patience } from './wait/patience.ts'
import { awaitRollout } from './wait/rollout.ts'
import { awaitWebhooks } from './wait/webhooks.ts'

/** An installation, compared with a cluster. */
export interface ClusterPlan {
  readonly config: InstallConfig
  readonly manifests: Manifests
  readonly steps: readonly ClusterStep[]
}

/**
 * What an installation would change; `version` is that of the image.
 * @throws {CodedError} of the planning (`planCluster`) when it cannot be done.
 */
export async function planInstall(
  client: ClusterClient,
  config: InstallConfig,
  version: string,
): Promise<ClusterPlan> {
  const manifests = renderManifests(config, version)
  return { config, manifests, steps: await planCluster(client, manifests) }
}

export function hasChanges({ steps }: ClusterPlan): boolean {
  return steps.some(({ change }) => change !== 'same' && change !== 'leave')
}

/**
 * Applies a plan: the controllers first; the API server is told to ask them when they answer. Node agents are
 * waited for last: they need controllers, and nobody needs them.
 * @throws {ApplyRefusedError} when the API server refuses something.
 * @throws {NotInTimeError} when something does not come up.
 */
export async function applyInstall(
  client: ClusterClient,
  { config, manifests, steps }: ClusterPlan,
  patience: Patience,
): Promise<void> {
  const names = clusterNames(config)
  const { webhooks, workload } = manifests
  const isLast = ({ object }: ClusterStep) => object !== undefined && webhooks.includes(object)
  await applySteps(
    client,
    steps.filter((step) => !isLast(step)),
    patience,
  )
  for (const object of workload.filter(isForAll)) {
    await awaitRollout(client, { object, names }, patience)
  }
  await applySteps(client, steps.filter(isLast), patience)
  await awaitWebhooks(client, { names, webhooks }, patience)
  for (const object of workload.filter((one) => !isForAll(one))) {
    await awaitRollout(client, { object, names }, patience)
  }
}

function isForAll({ kind }: ClusterObject): boolean {
  return kind !== 'DaemonSet'
}
