import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { nodeRules } from '../../src/install/cluster/render/node-roles.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { block } from './kubernetes-page.ts'
import { type AmbientPod, AmbientRig, agentPage, podzOf } from './node/ambient-rig.ts'
import {
  describesPods,
  listsAllAgents,
  readPodz,
  tellsOfHiddenProcesses,
} from './node/ambient-tools.ts'
import { networksHeldBy } from './node/held-networks.ts'
import type { PodLife } from './node/pod-life.ts'
import { clusterTestsSkip } from './programs.ts'
import { expectAllUsed } from './rights/all-used.ts'
import { entry } from './rights/objects.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const ambient = { 'istio.io/dataplane-mode': 'ambient' }
/** An md5, as the kubelet makes one of the file of a static pod. */
const digest = '0f5c2a3e111142228333944444444444'

function sidecar(namespace: string, name: string, hosts: readonly string[], labels?: object) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name, namespace },
    spec: {
      ...(labels ? { workloadSelector: { labels } } : {}),
      egress: [{ hosts }],
    },
  }
}

describe('the node agent, as it was installed', { skip, timeout: 900_000 }, () => {
  let mesh: AmbientRig
  let agent: PodLife
  let till: AmbientPod
  let teller: AmbientPod

  before(async () => {
    mesh = await AmbientRig.start()
    await mesh.namespace('shop', ambient)
    await mesh.namespace('bank', ambient)
    await mesh.namespace('plain')
    await mesh.apply(entry('stock'), entry('secret', { exportTo: ['.'] }))
    await mesh.apply(entry('rates', {}, 'bank'))
    agent = await mesh.agentPod()
    till = await mesh.pod('shop', 'till')
    teller = await mesh.pod('bank', 'teller', { metadata: { labels: { app: 'teller' } } })
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /** As `eventually`, with what the agent said when it never is so. */
  const holds = (check: () => Promise<boolean | void>) =>
    eventually(check).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${agent.container('agent')?.log}`, { cause })
    })
  const becomes = (pod: AmbientPod, name: string, want: RegExp) =>
    holds(async () => assert.match(await pod.dig(name), want))
  const virtual = /^240\.240\.0\.\d+$/
  /** Without that of the page. */
  const podz = async () => (await podzOf(agent)).filter(({ pod }) => !pod.startsWith('shop/app-'))
  const served = async () => {
    const pods = await podz()
    return pods.filter(({ state }) => state === 'served').map(({ pod }) => pod)
  }
  const serves = (...names: readonly string[]) =>
    holds(async () => assert.deepEqual((await served()).toSorted(), names))

  /** Asks pods over and over while something happens, each until it is answered other than it should be. */
  const whileAsking = async (
    pods: Readonly<Record<string, AmbientPod>>,
    happening: () => Promise<unknown>,
  ) => {
    const over = new AbortController()
    const asking = Object.entries(pods).map(async ([name, pod]) => {
      const first = await pod.dig('auto.internal')
      let said = first
      while (!over.signal.aborted && said === first) said = await pod.dig('auto.internal')
      assert.equal(said, first, name)
    })
    try {
      await happening()
    } finally {
      over.abort()
    }
    await Promise.all(asking)
  }

  it('does what docs/kubernetes.md shows', async () => {
    const [name = ''] = await mesh.rig.ready('shop', 'app=app')
    const app = await mesh.rig.container('shop', name, 'curl')
    // The agent may hear of the pod, and of the entry, later than the pod is ready.
    await eventually(async () => {
      const { stderr } = await app.exec(['curl', '-v', 'auto.internal'])
      for (const line of block(/^\*   Trying/)
        .trim()
        .split('\n'))
        assert.ok(stderr.includes(line), stderr)
    })
    const shown = readPodz(block(/"pods": \[/))
    const { pods, left } = readPodz(await agentPage(agent, '/debug/podz'))
    assert.deepEqual(
      pods.filter(({ pod }) => pod === 'shop/app'),
      shown.pods,
    )
    assert.deepEqual(left, shown.left)
  })

  it('finds pods without injection by their processes, and answers them inside', async () => {
    await becomes(till, 'auto.internal', /^240\.240\.0\.1$/)
    await becomes(teller, 'auto.internal', /^240\.240\.0\.1$/)
    const containers = ['get', 'pod', 'till', '-n', 'shop', '-o', 'jsonpath={.spec..name}']
    assert.doesNotMatch(await mesh.rig.cluster.must(containers), /istio/)
    const pods = await podz()
    const paths = pods.map(({ pod, network }) => `${pod} ${network}`).toSorted()
    assert.equal(paths.length, 2)
    assert.match(
      paths.join('\n'),
      /^bank\/teller \/proc\/\d+\/ns\/net\nshop\/till \/proc\/\d+\/ns\/net$/,
    )
    assert.equal(
      await till.run('curl', '-sS', 'http://auto.internal'),
      'page-198.51.100.2 auto.internal',
    )
    assert.equal(
      await till.run('curl', '-sS', '-6', 'http://auto.internal'),
      'page-198.51.100.2 auto.internal',
    )
  })

  it('goes by the resolv.conf that the kubelet gave to the pod', async () => {
    const { coredns } = mesh.rig
    const inside = await coredns.askedWhile(async () => {
      assert.equal(await till.dig('+search', 'kubernetes.default'), '10.96.0.1')
    })
    assert.deepEqual(inside, [])
    const outside = await coredns.askedWhile(() =>
      becomes(till, 'v4only.up.test', /^203\.0\.113\.4$/),
    )
    assert.deepEqual(new Set(outside), new Set(['v4only.up.test. A']))
    const log = agent.container('agent')?.stdout.text ?? ''
    assert.doesNotMatch(log, /"file":"pod"/)
  })

  it('is listed beside agents of pods and of machines', () => listsAllAgents(mesh))

  it('says how it serves a pod, and by which options', () => describesPods(mesh))

  it('leaves pods alone that nobody labelled, and takes them when somebody does', async () => {
    const lone = await mesh.pod('plain', 'lone')
    assert.equal(await lone.rules(), '')
    const label = ['label', 'pod', 'lone', '-n', 'plain', '--overwrite']
    await mesh.rig.cluster.must([...label, 'istio.io/dataplane-mode=ambient'])
    await becomes(lone, 'auto.internal', virtual)
    await mesh.rig.cluster.must([...label, 'istio.io/dataplane-mode=none'])
    await eventually(async () => (await lone.rules()) === '')
    assert.equal(await lone.dig('auto.internal'), '')
  })

  it('finds a static pod, whose groups have another uid than what the cluster has', async () => {
    const annotations = {
      'kubernetes.io/config.mirror': digest,
      'kubernetes.io/config.hash': digest,
      'kubernetes.io/config.source': 'file',
    }
    const fixed = await mesh.pod('shop', 'fixed', {
      metadata: { annotations },
      spec: { nodeName: 'node' },
    })
    await becomes(fixed, 'auto.internal', virtual)
    await eventually(async () =>
      (await podz()).some(({ pod, uid }) => pod === 'shop/fixed' && uid === digest),
    )
    await mesh.rig.cluster.must(['delete', 'pod', 'fixed', '-n', 'shop', '--force'])
    await serves('bank/teller', 'shop/till')
  })

  it('shows each namespace what it may see, and each pod what its Sidecar says', async () => {
    await becomes(till, 'secret.internal', virtual)
    assert.equal(await teller.dig('secret.internal'), '')
    await becomes(teller, 'stock.internal', virtual)
    await mesh.apply(
      sidecar('shop', 'own', ['./*', 'default/*']),
      sidecar('bank', 'clerks', ['shop/*', 'default/*'], { role: 'clerk' }),
    )
    await becomes(till, 'rates.internal', /^$/)
    await becomes(till, 'stock.internal', virtual)
    await becomes(teller, 'rates.internal', virtual)
    const label = ['label', 'pod', 'teller', '-n', 'bank', '--overwrite']
    await mesh.rig.cluster.must([...label, 'role=clerk'])
    await becomes(teller, 'rates.internal', /^$/)
    await becomes(teller, 'stock.internal', virtual)
    await mesh.rig.cluster.must([...label, 'role-'])
    await becomes(teller, 'rates.internal', virtual)
  })

  it('serves a pod that comes again under the same name', async () => {
    const [before] = (await podz()).filter(({ pod }) => pod === 'shop/till')
    await mesh.rig.cluster.must(['delete', 'pod', 'till', '-n', 'shop'])
    till = await mesh.pod('shop', 'till')
    await becomes(till, 'auto.internal', virtual)
    const [now] = (await podz()).filter(({ pod }) => pod === 'shop/till')
    assert.notEqual(now?.uid, before?.uid)
    await serves('bank/teller', 'shop/till')
  })

  it('forgets the pods of a namespace that is deleted, and leaves nothing of them', async () => {
    const before = networksHeldBy(agent)
    await mesh.namespace('gone', ambient)
    const last = await mesh.pod('gone', 'last')
    await becomes(last, 'auto.internal', virtual)
    await eventually(async () => networksHeldBy(agent) === before + 1)
    await mesh.rig.cluster.must(['delete', 'namespace', 'gone', '--timeout=300s'])
    await serves('bank/teller', 'shop/till')
    await eventually(async () => networksHeldBy(agent) === before)
  })

  it('answers while controllers are replaced, and hears of what comes then', async () => {
    await whileAsking({ till, teller }, async () => {
      const rollout = ['deployment/meshdns-controller', '-n', 'istio-system']
      await mesh.rig.cluster.must(['rollout', 'restart', ...rollout])
      await mesh.rig.cluster.must(['rollout', 'status', '--timeout=300s', ...rollout])
      await mesh.apply(entry('later', {}, 'bank'))
      await becomes(teller, 'later.internal', virtual)
    })
  })

  it('loses no question when it is killed: they wait in the store beside it', async () => {
    const store = agent.container('socket-store')
    await store?.stdout.line(/"an agent serves"/)
    const killed = agent.container('agent')
    killed?.signal('SIGKILL')
    await killed?.ended
    const asked = [till, teller].map((pod) => pod.dig('+time=100', 'auto.internal'))
    for (const said of await Promise.all(asked)) assert.match(said, virtual)
    assert.notEqual(agent.container('agent'), killed)
    assert.equal(agent.container('socket-store'), store)
    assert.doesNotMatch(store?.log ?? '', /is let go/)
    await serves('bank/teller', 'shop/till')
  })

  it('may do no more than it did', async () => {
    await expectAllUsed(mesh.audit, nodeRules)
  })

  it('starts again while the API server is away, and shows no pod more than before', async () => {
    const { cluster } = mesh.rig
    await cluster.stop('kube-apiserver')
    const killed = agent.container('agent')
    killed?.signal('SIGKILL')
    const outside: string[] = []
    await holds(async () => {
      outside.push(await till.dig('rates.internal'))
      return agent.container('agent') !== killed && (await served()).length === 2
    })
    assert.deepEqual(new Set(outside.filter((said) => virtual.test(said))), new Set())
    assert.equal(await till.dig('rates.internal'), '')
    for (const name of ['stock', 'secret', 'auto']) {
      assert.match(await till.dig(`${name}.internal`), virtual, name)
    }
    assert.match(await teller.dig('rates.internal'), virtual)
    assert.equal(
      await till.run('curl', '-sS', 'http://auto.internal'),
      'page-198.51.100.2 auto.internal',
    )
    assert.equal(await till.dig('+search', 'kubernetes.default'), '10.96.0.1')
    await whileAsking({ till, teller }, async () => {
      cluster.again('kube-apiserver')
      await cluster.ready()
      await mesh.apply(entry('after'))
      await becomes(till, 'after.internal', virtual)
      await mesh.apply(sidecar('shop', 'own', ['*/*']))
      await becomes(till, 'rates.internal', virtual)
    })
    await eventually(async () => !/"code"/.test(await agentPage(agent, '/health')))
  })

  it('says so where it is kept from seeing pods', () => tellsOfHiddenProcesses(mesh))

  it('is taken away again, and leaves pods as they were', async () => {
    const { code, stdout, stderr } = await mesh.rig.meshdns(['uninstall', '-y', '--purge'])
    assert.equal(code, 0, `${stdout}${stderr}`)
    for (const pod of [till, teller]) {
      await eventually(async () => (await pod.rules()) === '')
      assert.equal(await pod.dig('auto.internal'), '')
      await becomes(pod, 'v4only.up.test', /^203\.0\.113\.4$/)
    }
  })
})
