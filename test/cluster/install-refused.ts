import assert from 'node:assert/strict'
import { pageOperator } from '../../src/testing/page-operator.ts'
import type { InstallRig } from './install-rig.ts'
import { accountKubeconfig, awaitRight, userOf } from './rights/account.ts'
import type { TestCluster } from './start-cluster.ts'

const groups = ['', 'apps', 'policy', 'apiextensions.k8s.io', 'admissionregistration.k8s.io']
/** Everything but roles. */
const rules = [
  { apiGroups: groups, resources: ['*'], verbs: ['*'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
]

/** Where nothing was installed; and so it is afterwards. */
export async function refusesHalf(rig: InstallRig): Promise<void> {
  const { cluster } = rig
  const kubeconfig = await kubeconfigOf(cluster, 'nearly-all')
  const words = ['install', '-y', '-f', '-']
  const { stdout, stderr, code } = await rig.meshdns(words, pageOperator, kubeconfig)
  assert.equal(code, 1, stdout)
  assert.match(stderr, /error\[INSTALL_APPLY_REFUSED\]: ClusterRole \S+ was not taken\n/)
  assert.match(stderr, /clusterroles.*forbidden/)
  assert.deepEqual(await rig.ownObjects(), [])
}

/** Of an account that has these rules. */
async function kubeconfigOf(cluster: TestCluster, name: string): Promise<string> {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' }
  const metadata = { name }
  await cluster.apply({ ...role, metadata, rules })
  await cluster.must(['create', 'serviceaccount', name, '-n', 'default'])
  const to = [`--clusterrole=${name}`, `--serviceaccount=default:${name}`]
  await cluster.must(['create', 'clusterrolebinding', name, ...to])
  const user = userOf('default', name)
  await awaitRight(cluster, { user, may: 'yes', words: ['list', 'clusterroles'] })
  return await accountKubeconfig(cluster, 'default', name)
}
