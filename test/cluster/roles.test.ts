import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { clusterNames } from '../../src/config/cluster-object-names.ts'
import { objectText } from '../../src/install/cluster/manifest-text.ts'
import { clusterRules, ownRules } from '../../src/install/cluster/render/controller-rules.ts'
import { renderNamespace } from '../../src/install/cluster/render/namespace.ts'
import { renderRoles } from '../../src/install/cluster/render/roles.ts'
import { clusterTestsSkip } from './programs.ts'
import { userOf } from './rights/account.ts'
import { rightsOf } from './rights/single-rights.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const names = clusterNames({ namespace: 'istio-system', revision: '' })
const account = userOf('istio-system', 'meshdns-controller')

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

describe('the roles of the controller, at a real API server', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start()
    const objects = [renderNamespace(names), ...renderRoles(names)]
    await cluster.must(['apply', '-f', '-'], objects.map(objectText).join('---\n'))
  })

  after(() => cluster[Symbol.asyncDispose]())

  it('are what docs/reference/roles.md says, and what every account has', async () => {
    const list = (as: string) =>
      cluster.must(['auth', 'can-i', '--list', '-n', 'istio-system', '--as', as])
    const anybody = rightsOfTable(await list(userOf('istio-system', 'other')))
    const own = rightsOfTable(await list(account)).filter((right) => !anybody.includes(right))
    assert.deepEqual(own, rightsOf([...clusterRules(names), ...ownRules(names)]))
  })

  it('hold no right of one namespace in another', async () => {
    const table = await cluster.must(['auth', 'can-i', '--list', '-n', 'default', '--as', account])
    assert.doesNotMatch(table, /secrets|meshdns-virtual-addresses/)
  })

  for (const words of forbidden) {
    it(`do not let it ${words.join(' ')}`, async () => {
      const { stdout, code } = await cluster.kubectl(['auth', 'can-i', ...words, '--as', account])
      assert.deepEqual([stdout.trim(), code], ['no', 1])
    })
  }
})
