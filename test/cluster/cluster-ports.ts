import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createControllerPorts } from '../../src/controller/ports.ts'
import type { Controller } from '../../src/controller/start-controller.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { startTestController } from '../../src/testing/start-test-controller.ts'
import { root } from '../architecture/tree.ts'
import type { TestCluster } from './start-cluster.ts'

/** What a controller has that lives with the cluster; `scope.stop()` ends all that was started. */
export function clusterPorts(cluster: Pick<TestCluster, 'connect'>, log: Log = silentLog) {
  const client = cluster.connect()
  return { ...createControllerPorts(systemClock, log), client, random: () => 32_768 }
}

/** A controller of the cluster in this process, which the API server may ask at a port of loopback. */
export function startClusterController(
  test: Pick<TestContext, 'after'>,
  { kubeconfig }: Pick<TestCluster, 'kubeconfig'>,
  { name, port }: { readonly name: string; readonly port: number },
): Promise<Controller> {
  const admission = { addresses: [`127.0.0.1:${port}`] }
  const options = { kubernetes: { enabled: true, kubeconfig }, admission }
  return startTestController(test, { ...options, stateFolder: '/nonexistent/state' }, { name })
}

/** Makes the Istio kinds known. */
export async function applyDefinitions(cluster: Pick<TestCluster, 'must'>): Promise<void> {
  const folder = join(root, 'packaging/kubernetes/definitions')
  await cluster.must(['apply', '--server-side', '-f', folder])
  await definitionsServed(cluster)
}

/** Waits until `kubectl` takes objects of the Istio kinds: they are in the list of kinds a moment after they are served. */
export async function definitionsServed(cluster: Pick<TestCluster, 'must'>): Promise<void> {
  const established = ['--for=condition=Established', '--timeout=120s']
  await cluster.must(['wait', ...established, 'customresourcedefinitions', '--all'])
  const kinds = 'serviceentries,workloadentries,workloadgroups,sidecars,proxyconfigs'
  await eventually(async () => void (await cluster.must(['get', kinds, '--all-namespaces'])))
}
