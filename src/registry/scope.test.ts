import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { Scopes, scopeOf } from './scope.ts'
import { servicesByHost } from './services-by-host.ts'
import type { EgressHosts, Sidecar } from './sidecar.ts'
import { viewOf } from './view.ts'

function sidecar(namespace: string, egress: string, fields: Partial<Sidecar> = {}): Sidecar {
  return { namespace, name: 'default', egress: egressOf(egress), createdAt: 0, ...fields }
}

/** `NAMESPACE/HOST NAMESPACE/HOST …` */
function egressOf(text: string): readonly EgressHosts[] {
  return text
    .split(' ')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [namespace = '', host = ''] = entry.split('/')
      return { namespace, host }
    })
}

/** `NAMESPACE/HOST`, exported to all. */
function seen(text: string, exportTo: readonly string[] = ['*']) {
  const [namespace = '', host = ''] = text.split('/')
  return { namespace, host: hostname(host), exportTo }
}

const none: ReadonlyMap<string, string> = new Map()

interface Case {
  readonly name: string
  readonly egress: string
  readonly sees?: readonly string[]
  readonly hides?: readonly string[]
}

/** For a workload of ns1. */
const cases: readonly Case[] = [
  { name: 'all where nothing is named', egress: '', sees: ['ns1/a.test', 'ns2/b.test'] },
  { name: 'all by */*', egress: 'ns9/x.test */*', sees: ['ns1/a.test', 'ns2/b.test'] },
  { name: 'its own namespace by .', egress: './*', sees: ['ns1/a.test'], hides: ['ns2/a.test'] },
  {
    name: 'the namespace that is named',
    egress: 'ns2/*',
    sees: ['ns2/a.test'],
    hides: ['ns1/a.test'],
  },
  { name: 'nothing by ~', egress: '~/*', hides: ['ns1/a.test', 'ns2/a.test'] },
  {
    name: 'no less for a ~ beside others',
    egress: '~/* ns2/*',
    sees: ['ns2/a.test'],
    hides: ['ns1/a.test'],
  },
  {
    name: 'one host of any namespace',
    egress: '*/a.test',
    sees: ['ns1/a.test', 'ns2/a.test'],
    hides: ['ns1/b.test', 'ns1/b.a.test'],
  },
  {
    name: 'what is below a wildcard, at any depth, and not the domain itself',
    egress: 'ns2/*.test',
    sees: ['ns2/a.test', 'ns2/b.a.test', 'ns2/*.test', 'ns2/*.a.test'],
    hides: ['ns2/test', 'ns2/a.best', 'ns1/a.test'],
  },
  {
    name: 'a wildcard service by its own text, not by a name below it',
    egress: 'ns2/*.wild.test ns2/a.other.test',
    sees: ['ns2/*.wild.test'],
    hides: ['ns2/*.other.test', 'ns2/*.test'],
  },
  {
    name: 'what begins with part of a label',
    egress: '*/*api.test',
    sees: ['ns1/my-api.test', 'ns1/*api.test'],
    hides: ['ns1/api.test', 'ns1/ap.test'],
  },
]

describe('scopeOf', () => {
  for (const { name, egress, sees = [], hides = [] } of cases) {
    it(`lets a workload see ${name}`, () => {
      const workload = { namespace: 'ns1', labels: none }
      const scope = scopeOf(workload, [sidecar('ns1', egress)], 'istio-system')
      for (const text of sees) assert.ok(scope.sees(seen(text)), `${text} must be seen`)
      for (const text of hides) assert.ok(!scope.sees(seen(text)), `${text} must be hidden`)
    })
  }

  it('never shows what is not exported to the namespace', () => {
    for (const egress of ['', '*/a.test']) {
      const workload = { namespace: 'ns1', labels: none }
      const scope = scopeOf(workload, [sidecar('ns1', egress)], 'istio-system')
      assert.ok(scope.sees(seen('ns2/a.test', ['ns1'])))
      assert.ok(scope.sees(seen('ns1/a.test', ['.'])))
      assert.ok(!scope.sees(seen('ns2/a.test', ['.'])))
      assert.ok(!scope.sees(seen('ns2/a.test', ['~'])))
      assert.ok(!scope.sees(seen('ns2/a.test', [])))
    }
  })
})

describe('the Sidecar of a workload', () => {
  const selector = new Map([['app', 'web']])
  const selective = sidecar('ns1', '*/selective.test', { selector, name: 'z', createdAt: 9 })
  const general = sidecar('ns1', '*/general.test', { name: 'b', createdAt: 2 })
  const younger = sidecar('ns1', '*/younger.test', { name: 'a', createdAt: 3 })
  const root = sidecar('root', '*/root.test', { createdAt: 5 })
  const rootSelective = sidecar('root', '*/never.test', { selector: new Map(), createdAt: 1 })
  const all = [younger, rootSelective, root, general, selective]

  const rows: readonly {
    readonly name: string
    readonly labels?: ReadonlyMap<string, string>
    readonly namespace?: string
    readonly sidecars?: readonly Sidecar[]
    readonly sees: string
  }[] = [
    { name: 'selects it', labels: new Map([...selector, ['v', '1']]), sees: 'selective' },
    { name: 'else is the oldest that selects nobody', sees: 'general' },
    {
      name: 'is not one whose selector only half fits',
      labels: new Map([['app', 'db']]),
      sees: 'general',
    },
    { name: 'else is that of the root namespace', namespace: 'ns2', sees: 'root' },
    {
      name: 'may be any of the root namespace for what runs there',
      namespace: 'root',
      sees: 'never',
    },
    {
      name: 'is the first by name among equals',
      sidecars: [{ ...younger, createdAt: 2 }, general],
      sees: 'younger',
    },
    {
      name: 'selects all with a selector without labels, before one without a selector',
      sidecars: [general, { ...younger, selector: new Map() }],
      sees: 'younger',
    },
  ]
  for (const { name, labels = none, namespace = 'ns1', sidecars = all, sees } of rows) {
    it(name, () => {
      for (const given of [sidecars, sidecars.toReversed()]) {
        const scope = scopeOf({ namespace, labels }, given, 'root')
        const hosts = ['selective', 'general', 'younger', 'root', 'never', 'other']
        assert.deepEqual(
          hosts.filter((host) => scope.sees(seen(`ns1/${host}.test`))),
          [sees],
        )
      }
    })
  }
})

describe('Scopes', () => {
  const keyOf = (namespace: string, egress: string) =>
    scopeOf({ namespace, labels: none }, [sidecar(namespace, egress)], 'root').key

  it('gives equal keys for equal sight', () => {
    assert.equal(keyOf('ns1', './a.test */b.test'), keyOf('ns1', '*/b.test ns1/a.test ~/*'))
    assert.equal(keyOf('ns1', ''), keyOf('ns1', '*/* ns2/*'))
    assert.notEqual(keyOf('ns1', '~/*'), keyOf('ns1', ''))
    assert.notEqual(keyOf('ns1', '*/b.test'), keyOf('ns2', '*/b.test'))
    assert.notEqual(keyOf('ns1', '*/b.test'), keyOf('ns1', '*/*.test'))
  })

  it('gives the same object for workloads of one namespace with one Sidecar', () => {
    const scopes = new Scopes([sidecar('ns1', './*')], 'root')
    const workload = { namespace: 'ns1', labels: none }
    const labelled = { namespace: 'ns1', labels: new Map([['a', 'b']]) }
    assert.equal(scopes.scopeOf(workload), scopes.scopeOf(labelled))
  })
})

describe('viewOf with a scope', () => {
  it('has what the scope shows, and other namespaces instead of hidden ones', () => {
    const services = [
      serviceOf('a.test', { namespace: 'ns1' }),
      serviceOf('a.test', { namespace: 'ns2' }),
      serviceOf('b.test', { namespace: 'ns1' }),
    ]
    const workload = { namespace: 'ns1', labels: none }
    const scope = scopeOf(workload, [sidecar('ns1', 'ns2/*')], 'root')
    const view = viewOf(servicesByHost(services), new Map(), {
      namespace: 'ns1',
      scope,
      virtualFamilies: [],
    })
    assert.deepEqual(
      [...view.values()].map(({ host, namespace }) => `${namespace}/${host}`),
      ['ns2/a.test'],
    )
  })
})
