import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { ViewScope } from '../registry/scope.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { serviceOf } from '../testing/services.ts'
import { decodeCluster } from '../translate/discovery/cluster-message.ts'
import { ClusterMessages } from './cluster-messages.ts'

const facts: ClusterFacts = {
  domain: 'cluster.local',
  namespaces: new Set(['default']),
  complete: true,
  unknownServices: new Set(),
}

function scopeOf(key: string): ViewScope {
  return { key, seesExported: true, sees: ({ exportTo }) => exportTo.includes(key) }
}

const hidden = serviceOf('db.shop.svc.cluster.local', {
  registry: 'Kubernetes',
  exportTo: ['shop'],
})

function messages(): ClusterMessages {
  return new ClusterMessages(() => servicesByHost([hidden]))
}

describe('what proxies are told of a cluster', () => {
  it('is complete only for who sees all of its Services, wherever they are', () => {
    const told = messages()
    for (const locality of [undefined, 'r1/z1']) {
      const said = ['shop', 'bank'].map((key) =>
        decodeCluster(told.messageOf(facts, scopeOf(key), locality).octets),
      )
      assert.deepEqual(
        said.map((one) => [one.complete, one.locality]),
        [
          [true, locality],
          [false, locality],
        ],
      )
    }
  })

  it('is made once for all at one place, until it is another', () => {
    const told = messages()
    const [first, second] = ['r1/z1', 'r1/z1'].map((locality) =>
      told.messageOf(facts, scopeOf('shop'), locality),
    )
    assert.equal(first, second)
    const later = told.messageOf({ ...facts, complete: false }, scopeOf('shop'), 'r1/z1')
    assert.notEqual(later.version, first?.version)
  })
})
