import assert from 'node:assert/strict'
import type { PlainMap } from '../../src/documents/plain-map.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { type InstallRig, runningPod } from './install-rig.ts'

const machine = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', labels: { 'kubernetes.io/os': 'linux' } },
})

/** Where nothing but controllers was installed; and so it is again afterwards. */
export async function installsNodeAgents(rig: InstallRig): Promise<void> {
  await rig.cluster.must(['create', '-f', '-'], machine)
  const ambient = ['install', '-y', '-f', '-', '--set', 'profile=ambient']
  rig.podStatus = (pod) => (isOfController(pod) ? runningPod(pod) : { phase: 'Pending' })
  const quick = [...ambient, '--readiness-timeout', '1s']
  // By then Kubernetes may not have counted its nodes yet.
  const first = await rig.meshdns(quick, pageOperator)
  assert.match(first.stdout, /^created DaemonSet istio-system\/meshdns-node$/m)
  const counted = '--for=jsonpath={.status.desiredNumberScheduled}=1'
  const daemonSet = ['daemonset/meshdns-node', '-n', 'istio-system']
  await rig.cluster.must(['wait', counted, ...daemonSet, '--timeout=120s'])
  const failed = await rig.meshdns(quick, pageOperator)
  assert.equal(failed.code, 1, failed.stderr)
  assert.match(failed.stdout, /^waiting for the node agents: 0 of 1 are available$/m)
  const line = /error\[INSTALL_NOT_IN_TIME\]: waited too long for the node agents/
  assert.match(failed.stderr, line)
  rig.podStatus = runningPod
  const repaired = await rig.meshdns(ambient, pageOperator)
  assert.equal(repaired.code, 0, repaired.stderr)
  const ofNodes = async () =>
    (await rig.ownObjects()).filter((name) => name.includes('/meshdns-node'))
  assert.deepEqual(await ofNodes(), [
    'clusterrole.rbac.authorization.k8s.io/meshdns-node-istio-system',
    'clusterrolebinding.rbac.authorization.k8s.io/meshdns-node-istio-system',
    'daemonset.apps/meshdns-node',
    'serviceaccount/meshdns-node',
  ])
  const without = await rig.meshdns(['install', '-y', '-f', '-'], pageOperator)
  assert.match(without.stdout, /^removed DaemonSet istio-system\/meshdns-node \(not wanted\)$/m)
  assert.deepEqual(await ofNodes(), [])
}

/** Beside controllers that somebody else installed; nothing of it is left afterwards. */
export async function installsNodeAgentsAlone(rig: InstallRig): Promise<void> {
  const alone = ['--set', 'profile=ambient', '--set', 'components.pilot.enabled=false']
  const revision = ['--revision', 'lone']
  const { stdout, stderr, code } = await rig.meshdns(['install', '-y', ...alone, ...revision])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^created DaemonSet istio-system\/meshdns-node-lone$/m)
  assert.doesNotMatch(stdout, /waiting for the controllers/)
  const gone = await rig.meshdns(['uninstall', '-y', '--purge', ...revision])
  assert.equal(gone.code, 0, gone.stderr)
  assert.doesNotMatch((await rig.ownObjects()).join(), /lone/)
}

function isOfController({ metadata }: PlainMap): boolean {
  return JSON.stringify(metadata).includes('"app":"meshdns-controller"')
}
