import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { clusterNames } from '../../src/config/cluster-object-names.ts'
import { objectText } from '../../src/install/cluster/manifest-text.ts'
import { clusterRules, ownRules } from '../../src/install/cluster/render/controller-rules.ts'
import { renderNamespace } from '../../src/install/cluster/render/namespace.ts'
import { nodeRules, renderNodeRoles } from '../../src/install/cluster/render/node-roles.ts'
import { renderRoles } from '../../src/install/cluster/render/roles.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { clusterTestsSkip } from './programs.ts'
import { userOf } from './rights/account.ts'
import { rightsOf } from './rights/single-rights.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const names = clusterNames({ namespace: 'istio-system', revision: '' })
const account = userOf('istio-system', 'meshdns-controller')
const node = userOf('istio-system', 'meshdns-node')

/** Single rights, of a table of `kubectl auth can-i --list`. */
function rightsOfTable(table: string): readonly string[] {
  const all = table.split('\n').flatMap((line) => {
    const [, resource, resourceNames = '', verbs = ''] =
      /^(\S+) +\[\] +\[([^\]]*)\] +\[([^\]]*)\]$/.exec(line) ?? []
    if (resource === undefined) return []
    const named = resourceNames === '' ? [''] : resourceNames.split(' ')
    return named.flatMap((name) =>
      verbs.split(' ').map((verb) => `${resource}${name === '' ? '' : ` ${name}`}: ${verb}`),
    )
  })
  return [...new Set(all)].toSorted()
}

const forbidden: readonly (readonly string[])[] = [
  ['create', 'serviceaccounts', '--subresource=token', '-n', 'istio-system'],
  ['create', 'pods', '-n', 'istio-system'],
  ['get', 'secrets', '-n', 'istio-system'],
  ['list', 'secrets', '-A'],
  ['get', 'secrets/istio-ca-secret', '-n', 'default'],
  ['update', 'serviceentries', '-n', 'default'],
  ['delete', 'serviceentries', '-n', 'default'],
  ['get', 'configmaps/of-somebody', '-n', 'default'],
  ['patch', 'configmaps/istio', '-n', 'istio-system'],
  ['patch', 'mutatingwebhookconfigurations/istio-sidecar-injector'],
  ['update', 'leases.coordination.k8s.io/meshdns-controller', '-n', 'default'],
  ['update', 'leases.coordination.k8s.io/istio-ip-autoallocate', '-n', 'istio-system'],
  ['create', 'clusterrolebindings'],
  ['patch', 'namespaces'],
  ['impersonate', 'users'],
]

const forbiddenToNodes: readonly (readonly string[])[] = [
  ['get', 'pods', '-n', 'default'],
  ['patch', 'pods', '--subresource=status', '-A'],
  ['create', 'pods', '--subresource=exec', '-A'],
  ['create', 'serviceaccounts', '--subresource=token', '-n', 'default'],
  ['list', 'secrets', '-n', 'istio-system'],
  ['list', 'configmaps', '-A'],
  ['list', 'serviceentries.networking.istio.io', '-A'],
  ['patch', 'nodes'],
]

const cases = [
  { who: 'a controller', as: account, forbidden },
  { who: 'the node agent', as: node, forbidden: forbiddenToNodes },
]

describe('the roles of controllers and node agents, at a real API server', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start()
    const objects = [renderNamespace(names), ...renderRoles(names), ...renderNodeRoles(names)]
    await cluster.must(['apply', '-f', '-'], objects.map(objectText).join('---\n'))
  })

  after(() => cluster?.[Symbol.asyncDispose]())

  it('are what docs/reference/roles.md says, and what every account has', async () => {
    const list = async (as: string) =>
      rightsOfTable(
        await cluster.must(['auth', 'can-i', '--list', '-n', 'istio-system', '--as', as]),
      )
    // The API server hears of a role a moment after it was stored.
    await eventually(async () => {
      const anybody = await list(userOf('istio-system', 'other'))
      const own = async (as: string) => (await list(as)).filter((right) => !anybody.includes(right))
      assert.deepEqual(await own(account), rightsOf([...clusterRules(names), ...ownRules(names)]))
      assert.deepEqual(await own(node), rightsOf(nodeRules))
    })
  })

  it('hold no right of one namespace in another', async () => {
    const table = await cluster.must(['auth', 'can-i', '--list', '-n', 'default', '--as', account])
    assert.doesNotMatch(table, /secrets|meshdns-virtual-addresses/)
  })

  for (const { who, as, forbidden: all } of cases) {
    for (const words of all) {
      it(`do not let ${who} ${words.join(' ')}`, async () => {
        const { stdout, code } = await cluster.kubectl(['auth', 'can-i', ...words, '--as', as])
        assert.deepEqual([stdout.trim(), code], ['no', 1])
      })
    }
  }
})
