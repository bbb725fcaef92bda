import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Hostname } from '../registry/hostname.ts'
import { ProxyScopes } from './proxy-scopes.ts'

const labels = new Map<string, string>()
const service = (exportTo: string) => ({
  namespace: 'shop',
  host: 'db.test' as Hostname,
  exportTo: [exportTo],
})

describe('what a proxy of a node is told', () => {
  const scopes = new ProxyScopes([], { rootNamespace: 'roots', ownNamespace: 'istio-system' })

  for (const namespace of ['istio-system', 'roots']) {
    it(`is all that anybody may see, in ${namespace}`, () => {
      const scope = scopes.scopeOf({ type: 'ztunnel', namespace, labels })
      const seen = ['*', '.', 'bank', '~'].map((exportTo) => scope.sees(service(exportTo)))
      assert.deepEqual(seen, [true, true, true, false])
    })
  }

  it('is no more than others are told, outside of these namespaces', () => {
    const scope = scopes.scopeOf({ type: 'ztunnel', namespace: 'bank', labels })
    const seen = ['*', '.', 'bank', '~'].map((exportTo) => scope.sees(service(exportTo)))
    assert.deepEqual(seen, [true, false, true, false])
  })
})
