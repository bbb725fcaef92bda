import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import { catalogOf } from '../testing/catalogs.ts'
import { followCluster } from './follow-cluster.ts'

const complete: ClusterFacts = {
  domain: 'a.b',
  namespaces: new Set(),
  complete: true,
  unknownServices: new Set(),
}
const incomplete: ClusterFacts = { ...complete, complete: false }

function createRig() {
  let facts: ClusterFacts | undefined
  let tell = () => {}
  let settle = Promise.withResolvers<void>()
  const told: (ClusterFacts | undefined)[] = []
  const catalog = {
    ...catalogOf([]),
    reload: async () => {},
    clusterFacts: () => facts,
    followClusterFacts: (onChange: () => void) => {
      tell = onChange
    },
  }
  followCluster(catalog, {
    mesh: { settled: () => settle.promise },
    resolver: { setCluster: (given) => void told.push(given) },
  })
  return {
    told,
    say: (given: ClusterFacts | undefined) => {
      facts = given
      tell()
    },
    async settle() {
      settle.resolve()
      settle = Promise.withResolvers()
      await setImmediate()
    },
    async fail() {
      settle.reject(new Error('not in force'))
      settle = Promise.withResolvers()
      await setImmediate()
    },
  }
}

describe('followCluster', () => {
  it('lets names be denied only when everything before is in force', async () => {
    const rig = createRig()
    rig.say(complete)
    assert.deepEqual(rig.told, [undefined])
    await rig.settle()
    assert.deepEqual(rig.told, [undefined, complete])
  })

  it('lets names be denied no longer at once, and takes nothing back of it', async () => {
    const rig = createRig()
    rig.say(complete)
    rig.say(incomplete)
    assert.deepEqual(rig.told, [undefined, incomplete])
    await rig.settle()
    assert.deepEqual(rig.told, [undefined, incomplete])
  })

  it('denies nothing while names could not be put in force', async () => {
    const rig = createRig()
    rig.say(complete)
    await rig.fail()
    assert.deepEqual(rig.told, [undefined, undefined])
  })
})
