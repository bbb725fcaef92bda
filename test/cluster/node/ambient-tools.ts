import assert from 'node:assert/strict'
import { eventually } from '../../../src/testing/eventually.ts'
import { type AmbientRig, agentPage, type Podz } from './ambient-rig.ts'
import { exposeController, joinMachine } from './outside-machine.ts'

const group = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadGroup',
  metadata: { name: 'web', namespace: 'vms' },
  spec: { template: { serviceAccount: 'default' } },
}

/** Agents of pods, of machines and of nodes are shown by one command. */
export async function listsAllAgents(mesh: AmbientRig): Promise<void> {
  await mesh.namespace('sidecars', { 'istio-injection': 'enabled' })
  await mesh.namespace('vms')
  await mesh.apply(group)
  await exposeController(mesh.rig)
  const words = ['--name', 'web', '-n', 'vms']
  const machine = await joinMachine(mesh.rig, 'vm1', { last: 21, words })
  const ofMachine = machine.startUnit('meshdns.service')
  await mesh.pod('sidecars', 'injected')
  await eventually(async () => {
    const { code, stdout, stderr } = await mesh.rig.meshdns(['proxy-status'])
    assert.equal(code, 0, stderr)
    for (const [name, account] of [
      ['meshdns-node-\\S+\\.istio-system', 'istio-system/sa/meshdns-node'],
      ['injected\\.sidecars', 'sidecars/sa/default'],
      ['vm1\\.vms', 'vms/sa/default'],
    ]) {
      const line = `^${name} .* cluster\\.local/ns/${account} .* in force .* meshdns-controller-\\S+$`
      assert.match(stdout, new RegExp(line, 'm'))
    }
  })
  ofMachine.child.kill('SIGTERM')
  assert.equal(await ofMachine.ended, 0)
  await mesh.rig.cluster.must(['delete', 'namespace', 'sidecars', '--timeout=300s'])
}

/** Where the DaemonSet lacks what pods are found by; as it was again afterwards. */
export async function tellsOfHiddenProcesses(mesh: AmbientRig): Promise<void> {
  const daemonSet = ['daemonset/meshdns-node', '-n', 'istio-system']
  const agentWith = async (hostPID: boolean) => {
    const before = await mesh.agentPod()
    const patch = JSON.stringify({ spec: { template: { spec: { hostPID } } } })
    await mesh.rig.cluster.must(['patch', ...daemonSet, '-p', patch])
    await mesh.rig.cluster.must(['rollout', 'status', ...daemonSet, '--timeout=120s'])
    const agent = await mesh.agentPod()
    assert.notEqual(agent, before)
    return agentPage(agent, '/health')
  }
  assert.match(await agentWith(false), /"NODE_PROCESSES_HIDDEN"[^]*hostPID: true/)
  assert.doesNotMatch(await agentWith(true), /NODE_PROCESSES_HIDDEN/)
}

/** Of pod `shop/till`, which the node agent serves, and of one that it leaves alone. */
export async function describesPods(mesh: AmbientRig): Promise<void> {
  const { code, stdout, stderr } = await mesh.rig.meshdns(['proxy-config', 'till.shop'])
  assert.equal(code, 0, stderr)
  const line = /^The pod is up to the node agent, istio-system\/meshdns-node-\w+: served$/m
  assert.match(stdout, line)
  assert.match(stdout, /^rootNamespace +"istio-system" +MESHDNS_ROOT_NAMESPACE +-$/m)
  await mesh.pod('plain', 'alone', {
    metadata: { labels: { 'istio.io/dataplane-mode': 'none' } },
  })
  const alone = await mesh.rig.meshdns(['proxy-config', 'alone.plain'])
  assert.match(alone.stderr, /pod plain\/alone has no agent: /)
}

/** The page of an agent, without what is other each time. */
export function readPodz(text: string) {
  const lasting = text
    .replaceAll(/(app|controller|node)-[a-z0-9-]+/g, '$1')
    .replaceAll(/"uid": ".*"/g, '"uid": ""')
    .replaceAll(/proc\/\d+/g, 'proc')
  return JSON.parse(lasting) as { readonly pods: readonly Podz[]; readonly left: unknown }
}
