import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { workloadGroup } from '../testing/registration.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { WorkloadGroups } from './workload-groups.ts'

describe('WorkloadGroups', () => {
  it('knows the groups that there are now', () => {
    let objects: readonly MeshObject[] = []
    const groups = new WorkloadGroups(() => objects)
    const reference = { namespace: 'shop', name: 'vms' }
    assert.equal(groups.get(reference), undefined)
    const group = workloadGroup()
    objects = [group]
    assert.equal(groups.get(reference), group)
    assert.equal(groups.get({ ...reference, namespace: 'bank' }), undefined)
    objects = []
    assert.equal(groups.get(reference), undefined)
  })
})
