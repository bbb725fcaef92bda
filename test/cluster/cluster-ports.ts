import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createControllerPorts } from '../../src/controller/ports.ts'
import { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openKubeconfig } from '../../src/kubernetes/client/kubeconfig-access.ts'
import { root } from '../architecture/tree.ts'
import type { TestCluster } from './start-cluster.ts'

/** What a controller has that lives with the cluster; `scope.stop()` ends all that was started. */
export function clusterPorts(
  { kubeconfig }: Pick<TestCluster, 'kubeconfig'>,
  log: Log = silentLog,
) {
  const client = new ClusterClient(openKubeconfig({ kubeconfig, context: '' }))
  return { ...createControllerPorts(systemClock, log), client, random: () => 32_768 }
}

/** Makes the Istio kinds known. */
export async function applyDefinitions(cluster: Pick<TestCluster, 'must'>): Promise<void> {
  const folder = join(root, 'packaging/kubernetes/definitions')
  await cluster.must(['apply', '--server-side', '-f', folder])
  const established = ['--for=condition=Established', '--timeout=60s']
  await cluster.must(['wait', ...established, 'customresourcedefinitions', '--all'])
}
