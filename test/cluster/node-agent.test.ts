import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { manifestText } from '../../src/install/cluster/manifest-text.ts'
import { nodeRules } from '../../src/install/cluster/render/node-roles.ts'
import { formatSocketAddress } from '../../src/ip/socket-address.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { NodeNetwork, type NodeProcess, nodeName } from '../network/node-network.ts'
import { clusterTestsSkip } from './programs.ts'
import { accountKubeconfig } from './rights/account.ts'
import { expectAllUsed } from './rights/all-used.ts'
import { GuardedMesh, installation, systemNamespace } from './rights/guarded-mesh.ts'
import { entry, namespace, pod } from './rights/objects.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const account = 'meshdns-node'
const ambient = { 'istio.io/dataplane-mode': 'ambient' }
/** An agent is believed to be one of a node where it is installed, wherever the root namespace is. */
const sets = ['profile=ambient', 'meshConfig.rootNamespace=roots']

/** As the kubelet writes it for a pod of a namespace. */
const resolvConf = (of: string) =>
  `nameserver 192.0.2.53\nsearch ${of}.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n`

const db = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'shop' },
  spec: { clusterIP: '10.96.7.7', ports: [{ name: 'sql', port: 5432 }] },
}

interface Place {
  readonly name: string
  readonly of: string
  readonly last: number
  readonly labels?: Readonly<Record<string, string>>
}

const places: readonly Place[] = [
  { name: 'till', of: 'shop', last: 11, labels: ambient },
  { name: 'teller', of: 'bank', last: 12, labels: ambient },
  { name: 'plain', of: 'shop', last: 13 },
]

function podOn({ name, of, labels = {} }: Place) {
  const { spec, ...rest } = pod(name)
  return { ...rest, metadata: { name, namespace: of, labels }, spec: { ...spec, nodeName } }
}

describe('the node agent of a cluster', { skip, timeout: 600_000 }, () => {
  let mesh: GuardedMesh
  let node: NodeNetwork
  let agent: NodeProcess
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }

  before(async () => {
    mesh = await GuardedMesh.start(rig, { account, sets })
    const controller = await mesh.controller('one', { isAsked: true })
    await mesh.cluster.apply(namespace('shop'), namespace('bank'))
    for (const where of ['shop', 'bank']) {
      await mesh.becomes('default', '.metadata.name', 'serviceaccount', 'default', '-n', where)
    }
    await mesh.becomes(/BEGIN/, '.data', 'cm', 'istio-ca-root-cert', '-n', systemNamespace)
    const hidden = entry('hidden', { exportTo: ['.'] })
    await mesh.cluster.apply(db, entry('open'), hidden, ...places.map(podOn))
    const kubeconfig = await accountKubeconfig(mesh.cluster, systemNamespace, account)
    node = await NodeNetwork.start('', kubeconfig)
    rig.after(() => node[Symbol.asyncDispose]())
    for (const place of places) {
      node.addNetwork({ ...place, namespace: place.of, resolvConf: resolvConf(place.of) })
    }
    node.env = {
      POD_NAME: 'meshdns-node-1',
      POD_NAMESPACE: systemNamespace,
      SERVICE_ACCOUNT: account,
    }
    const flags = ['--controller', formatSocketAddress(controller.tls)]
    flags.push('--controller-server-name', `istiod.${systemNamespace}.svc`)
    agent = await node.startAgent(...flags, ...(await identityFlags()))
    await counts(2)
  })
  after(async () => {
    for (const stop of cleanUp) await stop()
  })

  /** What its pod would have as files. */
  async function identityFlags(): Promise<readonly string[]> {
    const words = ['create', 'token', account, '-n', systemNamespace, '--audience', 'istio-ca']
    const token = join(node.folder, 'token')
    await writeFile(token, (await mesh.cluster.must(words)).trim())
    const roots = join(node.folder, 'roots.pem')
    const map = ['cm', 'istio-ca-root-cert', '-n', systemNamespace]
    await writeFile(roots, await mesh.see('.data.root-cert\\.pem', ...map))
    return ['--identity-token-file', token, '--identity-roots-file', roots]
  }

  async function counts(served: number): Promise<void> {
    const line = new RegExp(`^meshdns_node_pods\\{state="served"\\} ${served}$`, 'm')
    await eventually(async () => assert.match(await agent.metrics(), line)).catch(
      (error: unknown) => {
        throw new Error(agent.stdout.text, { cause: error })
      },
    )
  }

  async function becomes(want: RegExp, from: string, ...words: readonly string[]): Promise<void> {
    await eventually(async () => assert.match(await node.dig(from, ...words), want))
  }

  async function label(...words: readonly string[]): Promise<void> {
    await mesh.cluster.must(['label', '--overwrite', ...words])
  }

  it('is a DaemonSet that the API server takes, and takes again without a change', async () => {
    const { workload } = installation(sets)
    const path = ['daemonset', account, '-n', systemNamespace]
    for (const generation of ['1', '1']) {
      await mesh.cluster.must(['apply', '--server-side', '-f', '-'], manifestText(workload))
      await mesh.becomes(generation, '.metadata.generation', ...path)
    }
  })

  it('answers a pod with virtual addresses, and those of Services, by short names too', async () => {
    for (const from of ['till', 'teller']) {
      await becomes(/^240\.240\.0\.\d+$/, from, 'open.internal')
      await becomes(/^10\.96\.7\.7$/, from, 'db.shop.svc.cluster.local')
      await becomes(/^10\.96\.7\.7$/, from, '+search', 'db.shop')
    }
    assert.equal(await node.dig('till', '+search', 'db'), '10.96.7.7')
    assert.equal(await node.dig('teller', 'db.bank.svc.cluster.local'), '')
  })

  it('tells a pod what its namespace may see, although it knows all of it', async () => {
    await becomes(/^240\.240\.0\.\d+$/, 'till', 'hidden.internal')
    assert.equal(await node.dig('teller', 'hidden.internal'), '')
  })

  it('leaves alone who is not labelled', async () => {
    assert.equal(await node.rules('plain'), '')
    assert.equal(await node.dig('plain', 'open.internal'), '')
    const { left } = (await agent.page('/debug/podz')) as { left: unknown }
    assert.deepEqual(left, { 'shop/plain': 'not opted in' })
  })

  it('takes over the pods of a namespace when it is labelled, and lets them go again', async () => {
    await label('namespace', 'shop', 'istio.io/dataplane-mode=ambient')
    await becomes(/^240\.240\.0\.\d+$/, 'plain', 'open.internal')
    await label('namespace', 'shop', 'istio.io/dataplane-mode-')
    await eventually(async () => assert.equal(await node.rules('plain'), ''))
    await counts(2)
  })

  it('lets a pod go whose label is taken away', async () => {
    assert.notEqual(await node.rules('teller'), '')
    await label('pod', 'teller', '-n', 'bank', 'istio.io/dataplane-mode-')
    await eventually(async () => assert.equal(await node.rules('teller'), ''))
    assert.equal(await node.dig('teller', 'open.internal'), '')
    await counts(1)
  })

  it('lets a pod go that is deleted', async () => {
    const words = ['pod', 'till', '-n', 'shop', '--force', '--grace-period=0']
    await mesh.cluster.must(['delete', ...words])
    await eventually(async () => assert.equal(await node.rules('till'), ''))
    await counts(0)
  })

  it('may do no more than it did', async () => {
    await agent.end('SIGTERM')
    await expectAllUsed(mesh.audit, nodeRules)
  })
})
