import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { seenNode } from './node/images.ts'
import { InstalledRig } from './node/installed-rig.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

/** By zone; the first one is that of the rig. */
const nodes = { zone1: 'node', zone2: 'node-2' } as const

/** Says the name of its pod to everybody who connects. */
const server = `require('node:http').createServer((_, answer) => answer.end(process.env.POD)).listen(8080, '::')`

function pod(
  name: string,
  nodeName: string,
  more: { readonly labels: object; readonly command: readonly string[] },
) {
  const env = [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
  const container = { name: 'app', image: 'app', command: more.command, env }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: more.labels },
    spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [container] },
  }
}

function webPod(nodeName: string) {
  return pod(`web-${nodeName}`, nodeName, {
    labels: { app: 'web', 'sidecar.istio.io/inject': 'false' },
    command: [seenNode(), '-e', server],
  })
}

function clientPod(nodeName: string) {
  return pod(`client-${nodeName}`, nodeName, {
    labels: { app: 'client' },
    command: ['sleep', '3600'],
  })
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
}

describe('endpoints of two nodes', { skip }, () => {
  let mesh: InstalledRig
  before(async () => {
    mesh = await InstalledRig.start(pageOperator)
    const { cluster } = mesh.rig
    const labels = (zone: string) => ({
      'topology.kubernetes.io/region': 'region1',
      'topology.kubernetes.io/zone': zone,
    })
    const second = { name: nodes.zone2, labels: labels('zone2') }
    const names = Object.values(nodes)
    const items = [
      { apiVersion: 'v1', kind: 'Node', metadata: second },
      service,
      ...names.flatMap((name) => [webPod(name), clientPod(name)]),
    ]
    await cluster.apply(...items)
    await cluster.must(['wait', '--for=condition=Ready', '--timeout=300s', 'pod', '--all'])
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** What curl said last of a refusal. */
  let refusal = ''

  /** Who answers the clients of a node, in four calls; or `refused`. */
  async function answers(node: string): Promise<string> {
    const client = await mesh.rig.container('default', `client-${node}`, 'app')
    const said = new Set<string>()
    for (let call = 0; call < 4; call += 1) {
      const { code, stdout, stderr } = await client.exec(['curl', '-sS', '-m', '10', 'http://web/'])
      if (code !== 0) refusal = stderr
      said.add(code === 0 ? stdout : 'refused')
    }
    return [...said].toSorted().join(' ')
  }

  async function answer(want: Readonly<Record<string, string>>): Promise<void> {
    let got: Record<string, string> = {}
    const isAsWanted = async () => {
      got = Object.fromEntries(
        await Promise.all(Object.keys(want).map(async (node) => [node, await answers(node)])),
      )
      return JSON.stringify(got) === JSON.stringify(want)
    }
    await eventually(isAsWanted).catch(() => assert.deepEqual(got, want, refusal))
  }

  async function patch(spec: object): Promise<void> {
    await mesh.rig.cluster.must(['patch', 'service', 'web', '-p', JSON.stringify({ spec })])
  }

  it('answer clients of both, when nothing is said', async () => {
    await answer({ node: 'web-node web-node-2', 'node-2': 'web-node web-node-2' })
  })

  it('answer those of their own node only, and never another', async () => {
    const { cluster } = mesh.rig
    await patch({ internalTrafficPolicy: 'Local' })
    await answer({ node: 'web-node', 'node-2': 'web-node-2' })
    await cluster.must(['delete', 'pod', 'web-node-2', '--wait'])
    await answer({ node: 'web-node', 'node-2': 'refused' })
    const client = await mesh.rig.container('default', 'client-node-2', 'app')
    // The first refusals may be those of a pod that has just gone.
    await eventually(async () => {
      assert.equal(await answers('node-2'), 'refused')
      const { stdout } = await client.exec(['curl', '-s', 'http://127.0.0.1:15020/metrics'])
      assert.match(stdout, /meshdns_relay_refused_total\{reason="no_endpoints"\} [1-9]/)
    })
  })

  it('answer those of their zone first, and others when it has none', async () => {
    const { cluster } = mesh.rig
    await patch({ internalTrafficPolicy: 'Cluster', trafficDistribution: 'PreferClose' })
    await answer({ node: 'web-node', 'node-2': 'web-node' })
    await cluster.apply(webPod(nodes.zone2))
    await answer({ node: 'web-node', 'node-2': 'web-node-2' })
  })
})
