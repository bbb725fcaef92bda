import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parse } from 'yaml'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import type { InstallRig } from './install-rig.ts'
import type { TestCluster } from './start-cluster.ts'

const groups = ['', 'apps', 'policy', 'apiextensions.k8s.io', 'admissionregistration.k8s.io']
/** Everything but roles. */
const rules = [
  { apiGroups: groups, resources: ['*'], verbs: ['*'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
]

/** Where nothing was installed; and so it is afterwards. */
export async function refusesHalf(rig: InstallRig, test: TestContext): Promise<void> {
  const { cluster } = rig
  const folder = await temporaryFolder(test)
  const kubeconfig = await writeKubeconfigOf(cluster, 'nearly-all', folder)
  const words = ['install', '-y', '-f', '-']
  const { stdout, stderr, code } = await rig.meshdns(words, pageOperator, kubeconfig)
  assert.equal(code, 1, stdout)
  assert.match(stderr, /error\[INSTALL_APPLY_REFUSED\]: ClusterRole \S+ was not taken\n/)
  assert.match(stderr, /clusterroles.*forbidden/)
  assert.deepEqual(await rig.ownObjects(), [])
}

/** Of an account that has these rules. */
async function writeKubeconfigOf(
  cluster: TestCluster,
  name: string,
  folder: string,
): Promise<string> {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' }
  const metadata = { name }
  await cluster.must(['apply', '-f', '-'], JSON.stringify({ ...role, metadata, rules }))
  await cluster.must(['create', 'serviceaccount', name, '-n', 'default'])
  const to = [`--clusterrole=${name}`, `--serviceaccount=default:${name}`]
  await cluster.must(['create', 'clusterrolebinding', name, ...to])
  const token = (await cluster.must(['create', 'token', name, '-n', 'default'])).trim()
  const config = parse(await readFile(cluster.kubeconfig, 'utf8')) as { users: { name: string }[] }
  const users = config.users.map((user) => ({ name: user.name, user: { token } }))
  const file = join(folder, 'kubeconfig')
  await writeFile(file, JSON.stringify({ ...config, users }))
  return file
}
