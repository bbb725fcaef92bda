import { join } from 'node:path'
import { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openKubeconfig } from '../../src/kubernetes/client/kubeconfig-access.ts'
import { root } from '../../test/architecture/tree.ts'
import { TestCluster } from '../../test/cluster/start-cluster.ts'
import { fillCluster } from './fill-cluster.ts'
import type { ClusterSize } from './objects.ts'

export interface ScaleCluster {
  readonly kubeconfig: string
  readonly client: ClusterClient
  close(): Promise<void>
}

/** A cluster of this size: the one that is named, which has been filled before, or one that is made. */
export async function openScaleCluster(given: string, size: ClusterSize): Promise<ScaleCluster> {
  if (given !== '') return { kubeconfig: given, client: newClient(given), close: async () => {} }
  const cluster = await TestCluster.start()
  const { kubeconfig } = cluster
  const client = newClient(kubeconfig)
  try {
    await cluster.must(['apply', '-f', join(root, 'packaging/kubernetes/definitions')])
    await cluster.must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'])
    await cluster.must(['create', 'namespace', 'istio-system'])
    await fillCluster(client, size)
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
  return { kubeconfig, client, close: () => cluster[Symbol.asyncDispose]() }
}

function newClient(kubeconfig: string): ClusterClient {
  return new ClusterClient(openKubeconfig({ kubeconfig, context: '' }))
}
