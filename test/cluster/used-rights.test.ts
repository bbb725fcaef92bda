import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { clusterNames } from '../../src/config/cluster-object-names.ts'
import { clusterRules, ownRules } from '../../src/install/cluster/render/controller-rules.ts'
import type { ControllerProcess } from '../../src/testing/controller-process.ts'
import { openDeltaClient } from '../../src/testing/delta-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { until } from '../../src/testing/until.ts'
import { definitionsServed } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { rightUsed } from './rights/audit.ts'
import { controllerAccount, GuardedMesh, systemNamespace } from './rights/guarded-mesh.ts'
import { ManyPods } from './rights/many-pods.ts'
import {
  entry,
  group,
  namespace,
  pod,
  readsPodsOf,
  refusal,
  unallocated,
} from './rights/objects.ts'
import { serviceImports } from './rights/service-imports.ts'
import { type Right, rightsOf } from './rights/single-rights.ts'

const skip = await clusterTestsSkip()

const names = clusterNames({ namespace: systemNamespace, revision: '' })
const inCluster = rightsOf(clusterRules(names))
const inOwnNamespace = rightsOf(ownRules(names))

interface Missed {
  readonly right: Right
  readonly code: string
  readonly detail: RegExp
}

/** What a controller says of a right that it has not. */
const missed: readonly Missed[] = [
  {
    right: 'serviceentries.networking.istio.io/status: patch',
    code: 'ALLOCATION_STALLED',
    detail: /cannot patch resource "serviceentries\/status"/,
  },
  {
    right: 'configmaps istio-ca-root-cert: patch',
    code: 'CONTROLLER_ROOTS_UNWRITTEN',
    detail: /cannot patch resource "configmaps"/,
  },
  {
    right: `validatingwebhookconfigurations.admissionregistration.k8s.io ${names.validator}: patch`,
    code: 'CONTROLLER_CA_BUNDLE',
    detail: /cannot patch resource "validatingwebhookconfigurations"/,
  },
  {
    right: 'tokenreviews.authentication.k8s.io: create',
    code: 'CONTROLLER_TOKENS_UNREVIEWED',
    detail: /forbidden/,
  },
  {
    right: 'workloadentries.networking.istio.io: create',
    code: 'REGISTRATION_UNSAVED',
    detail: /cannot create resource "workloadentries"/,
  },
]

const manyNamespaces = Array.from({ length: 20 }, (_, at) => `many-${at}`)
const fewNamespaces = manyNamespaces.slice(0, 3)

const lease = ['lease', 'meshdns-controller', '-n', systemNamespace]
const machine = ['workloadentries', '-n', 'shop']

describe('the rights of a controller', { skip, timeout: 600_000 }, () => {
  let mesh: GuardedMesh
  let one: ControllerProcess
  let two: ControllerProcess
  let pods: ManyPods
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }

  before(async () => {
    mesh = await GuardedMesh.start(rig)
    pods = new ManyPods(mesh)
    await mesh.cluster.must(['apply', '-f', '-'], serviceImports)
    await definitionsServed(mesh.cluster)
    const flags = ['--registration-grace-ms', '500']
    one = await mesh.controller('one', { flags })
    two = await mesh.controller('two', { isAsked: true, flags })
  })
  after(async () => {
    for (const stop of cleanUp) await stop()
  })

  it('suffice for addresses, their conditions and events, and those that rest', async () => {
    await mesh.cluster.apply(namespace('shop', { 'istio-injection': 'enabled' }), entry('one'))
    const addresses = ['serviceentry', 'one', '-n', 'shop']
    await mesh.becomes('240.240.0.1 2001:2::1', '.status.addresses[*].value', ...addresses)
    const events = ['events.events.k8s.io', '-n', 'shop']
    await mesh.becomes('AddressesAllocated', '.items[*].reason', ...events)
    // Somebody takes it away, and the event is told a second time.
    const gone = JSON.stringify({ status: { addresses: null, conditions: null } })
    const merge = ['--subresource=status', '--type=merge', '-p', gone]
    await mesh.cluster.must(['patch', ...addresses, ...merge])
    await mesh.becomes('2', '.items[*].series.count', ...events)
    await mesh.cluster.must(['delete', ...addresses])
    const rest = ['configmap', 'meshdns-virtual-addresses', '-n', systemNamespace]
    await mesh.becomes(/one\.internal/, '.data', ...rest)
  })

  it('suffice to see what became of an entry whose addresses are not taken', async () => {
    await mesh.cluster.must(['apply', '-f', '-'], refusal)
    await mesh.cluster.apply({
      ...entry('refused'),
      metadata: { ...entry('refused').metadata, labels: unallocated },
    })
    const which = ['serviceentry', 'refused', '-n', 'shop']
    const words = [...which, '--subresource=status', '--type=merge', '--dry-run=server']
    await eventually(async () => {
      const { code } = await mesh.cluster.kubectl(['patch', ...words, '-p', '{"status":{"a":1}}'])
      return code !== 0
    })
    await mesh.cluster.apply(entry('refused'))
    await mesh.ails(one, 'ALLOCATION_STATUS_REFUSED', /shop\/refused: .*no addresses for it/)
    const binding = 'validatingadmissionpolicybinding'
    await mesh.cluster.must(['delete', binding, 'refuses-addresses'])
    await mesh.cluster.must(['delete', ...which])
    await mesh.recovers(one)
  })

  it('suffice to find endpoints among Pods', async () => {
    const selecting = entry('pods', {
      endpoints: undefined,
      workloadSelector: { labels: { app: 'a' } },
    })
    await mesh.cluster.apply(pod('a'), {
      ...selecting,
      metadata: { name: 'pods', namespace: 'default' },
    })
    const status = JSON.stringify({
      status: { phase: 'Running', podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }] },
    })
    await mesh.cluster.must(['patch', 'pod', 'a', '--subresource=status', '-p', status])
    const client = openDeltaClient(rig, one.plaintext)
    await until(() => [...client.addresses].some(([name]) => name.includes('Pod')))
  })

  it('suffice to watch the Pods of many namespaces at once, and of few one by one', async () => {
    const client = openDeltaClient(rig, one.plaintext)
    const watched = async (...namespaces: readonly string[]) => {
      const ofBoth = namespaces.flatMap((name) => [name, name]).toSorted()
      await eventually(async () => assert.deepEqual(await mesh.audit.watches('pods'), ofBoth))
    }
    await watched('default')
    await pods.make(manyNamespaces)
    await pods.select(manyNamespaces)
    await pods.areTold(client, manyNamespaces)
    await watched('')
    await pods.move('many-19', ['10.3.0.1'])
    await pods.areTold(client, manyNamespaces)
    await pods.unselect(manyNamespaces.slice(fewNamespaces.length))
    await pods.areTold(client, fewNamespaces)
    await watched('default', ...fewNamespaces)
    await pods.move('many-2', ['2001:db8::3:1'])
    await pods.areTold(client, fewNamespaces)
    client.close()
  })

  it('suffice to have the API server know the webhooks', async () => {
    const bundles = '.webhooks[*].clientConfig.caBundle'
    await mesh.becomes(/^\S{40}/, bundles, 'validatingwebhookconfiguration', names.validator)
    await mesh.becomes(/^\S{40}/, bundles, 'mutatingwebhookconfiguration', names.injector)
  })

  it('suffice to tell pods of every namespace the roots', async () => {
    await mesh.cluster.apply(namespace('late'))
    const map = ['configmap', 'istio-ca-root-cert', '-n', 'late']
    await mesh.becomes(/BEGIN CERTIFICATE/, '.data', ...map)
    await mesh.cluster.must(['patch', ...map, '-p', '{"data":{"root-cert.pem":"other"}}'])
    await mesh.becomes(/BEGIN CERTIFICATE/, '.data', ...map)
  })

  it('suffice for a machine that registers, says how it is, and leaves', async () => {
    await mesh.cluster.apply(group)
    const client = await mesh.register(one)
    await mesh.becomes('vms-10.0.0.7', '.items[*].metadata.name', ...machine)
    client.reportHealth(false, 'status 500')
    await mesh.becomes('False', '.items[*].status.conditions[0].status', ...machine)
    client.close()
    await mesh.becomes('', '.items[*].metadata.name', ...machine)
  })

  it('suffice to put the agent into pods', async () => {
    const words = ['run', 'app', '-n', 'shop', '--image=app', '--dry-run=server', '-o', 'json']
    await eventually(async () => {
      const { stdout } = await mesh.cluster.kubectl(words)
      return stdout.includes('"istio-proxy"')
    })
  })

  it('suffice to lead after another', async () => {
    assert.equal(await mesh.see('.spec.holderIdentity', ...lease), 'one')
    await one.end('SIGTERM')
    await mesh.becomes('two', '.spec.holderIdentity', ...lease)
    await mesh.cluster.apply(entry('two'))
    await mesh.becomes(/^240/, '.status.addresses[*].value', 'serviceentry', 'two', '-n', 'shop')
    await mesh.recovers(two)
  })

  it('are no more than were used', async () => {
    await two.end('SIGTERM')
    const deeds = await mesh.audit.deeds()
    const refused = deeds.filter(({ isAllowed }) => !isAllowed)
    assert.deepEqual(refused, [])
    const granted = { everywhere: new Set(inCluster), here: new Set(inOwnNamespace) }
    const used = deeds.map((deed) => {
      const here = rightUsed(deed, granted.here)
      const isHere = deed.namespace === systemNamespace && granted.here.has(here)
      const isEverywhere = granted.everywhere.has(rightUsed(deed, granted.everywhere))
      return isHere && !isEverywhere
        ? `${here} here`
        : `${rightUsed(deed, granted.everywhere)} everywhere`
    })
    const all = [
      ...inCluster.map((right) => `${right} everywhere`),
      ...inOwnNamespace.map((right) => `${right} here`),
    ]
    assert.deepEqual([...new Set(used)].toSorted(), all.toSorted())
  })

  it('are missed by name when they are taken away: those to read', async () => {
    const isTaken = (right: Right) => right.endsWith(': watch') && !right.startsWith('secrets')
    await mesh.takeAway(isTaken)
    await mesh.mayNot('watch', 'nodes')
    await mesh.mayNot('watch', 'configmaps/istio', '-n', systemNamespace)
    const blind = await mesh.controller('blind')
    const rules = [...clusterRules(names), ...ownRules(names)]
    for (const { apiGroups, resources, resourceNames = [''], verbs } of rules) {
      if (!verbs.includes('watch') || resources.includes('secrets')) continue
      for (const resource of resources) {
        for (const name of resourceNames) {
          const named = name === '' ? '' : `resourceNames: ["${name}"], `
          const rule = `apiGroups: ["${apiGroups[0]}"], resources: ["${resource}"], ${named}verbs: ["list", "watch"]`
          await mesh.ails(blind, 'KUBERNETES_FORBIDDEN', rule)
        }
      }
    }
    await blind.end('SIGTERM')
    await mesh.takeAway()
  })

  it('suffice for the Pods of as many namespaces as may be seen', async () => {
    await mesh.takeAway((right) => right.startsWith('pods: '))
    const seen = manyNamespaces.slice(0, 18)
    await mesh.cluster.apply(...seen.flatMap((where) => readsPodsOf(where, controllerAccount)))
    await mesh.mayNot('list', 'pods', '-A')
    await pods.select(manyNamespaces)
    const narrow = await mesh.controller('narrow')
    const client = openDeltaClient(rig, narrow.plaintext)
    await pods.areTold(client, seen)
    await eventually(async () => {
      assert.deepEqual(await mesh.audit.watches('pods'), seen.toSorted())
    })
    const rule = 'apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"]'
    await mesh.ails(narrow, 'KUBERNETES_FORBIDDEN', rule)
    await mesh.ails(narrow, 'KUBERNETES_FORBIDDEN', `${rule} in namespace many-19`)
    await pods.move('many-17', ['10.3.0.2'])
    await pods.areTold(client, seen)
    await mesh.takeAway()
    await pods.areTold(client, manyNamespaces)
    await eventually(async () => assert.deepEqual(await mesh.audit.watches('pods'), ['']))
    await mesh.recovers(narrow)
    await narrow.end('SIGTERM')
  })

  it('are missed by name when they are taken away: those to write', async () => {
    const three = await mesh.controller('three', { isAsked: true })
    await mesh.recovers(three)
    const taken = new Set(missed.map(({ right }) => right))
    await mesh.takeAway((right) => taken.has(right))
    await mesh.mayNot('patch', 'serviceentries', '--subresource=status', '-A')
    await mesh.cluster.apply(entry('late'))
    const map = ['configmap', 'istio-ca-root-cert', '-n', 'late']
    await mesh.cluster.must(['patch', ...map, '-p', '{"data":{"root-cert.pem":"other"}}'])
    const bundle = '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]'
    const validator = ['validatingwebhookconfiguration', names.validator]
    await mesh.cluster.must(['patch', ...validator, '--type=json', '-p', bundle])
    await mesh.register(three)
    for (const { code, detail } of missed) await mesh.ails(three, code, detail)
    await mesh.takeAway()
    // What a controller says of a review stands until the next one.
    await mesh.mayAgain('create', 'tokenreviews.authentication.k8s.io')
    const client = await mesh.register(three)
    await mesh.recovers(three)
    client.close()
    await mesh.takeAway(
      (right) => right === 'leases.coordination.k8s.io meshdns-controller: update',
    )
    await mesh.ails(three, 'LEASE_FORBIDDEN', /cannot update resource "leases"/)
  })
})
