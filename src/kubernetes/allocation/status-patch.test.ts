import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { applyStrictly } from '../../testing/strict-json-patch.ts'
import type { DesiredStatus } from './desired-status.ts'
import { readEntry } from './entry.ts'
import { patchOfStatus } from './status-patch.ts'

const time = '2026-01-01T00:00:00Z'
const addresses = [
  { value: '240.240.0.1', host: 'a.io' },
  { value: '2001:2::1', host: 'a.io' },
]
const said = {
  status: 'True',
  reason: 'AddressesAllocated',
  message: 'a.io has 240.240.0.1 and 2001:2::1.',
  observedGeneration: 2,
} as const
const ours = { type: 'meshdns.io/AddressesAllocated', ...said, lastTransitionTime: time }
const others = { type: 'Reconciled', status: 'True', message: 'of others' }
const before = '2025-01-01T00:00:00Z'
const want: DesiredStatus = { addresses, condition: said }

interface Case {
  readonly name: string
  /** Missing where the object has none. */
  readonly status?: unknown
  readonly desired?: DesiredStatus
  /** Missing where nothing is to be written. */
  readonly after?: unknown
}

const cases: readonly Case[] = [
  { name: 'no status at all', after: { addresses, conditions: [ours] } },
  { name: 'a status of null', status: null, after: { addresses, conditions: [ours] } },
  {
    name: 'a status without addresses: others keep theirs',
    status: { conditions: [others], observedGeneration: '2' },
    after: { addresses, conditions: [others, ours], observedGeneration: '2' },
  },
  {
    name: 'conditions that are no list',
    status: { conditions: 'none' },
    after: { addresses, conditions: [ours] },
  },
  {
    name: 'other addresses are replaced',
    status: { addresses: [{ value: '240.240.0.9', host: 'a.io' }], conditions: [ours] },
    after: { addresses, conditions: [ours] },
  },
  {
    name: 'addresses that nobody understands are replaced',
    status: { addresses: [7, null, { value: 1 }], conditions: [ours] },
    after: { addresses, conditions: [ours] },
  },
  { name: 'all as it shall be', status: { addresses, conditions: [ours] } },
  {
    name: 'the same addresses in another order',
    status: { addresses: addresses.toReversed(), conditions: [ours] },
  },
  {
    name: 'the time of a condition stays while its status does',
    status: {
      addresses,
      conditions: [others, { ...ours, observedGeneration: 1, lastTransitionTime: before }, others],
    },
    after: { addresses, conditions: [others, { ...ours, lastTransitionTime: before }, others] },
  },
  {
    name: 'the time of a condition changes with its status',
    status: { addresses, conditions: [{ ...ours, status: 'False', lastTransitionTime: before }] },
    after: { addresses, conditions: [ours] },
  },
  {
    name: 'an entry that gets none any more loses ours, and ours only',
    status: { addresses, conditions: [ours, others] },
    desired: { addresses: [] },
    after: { addresses: [], conditions: [others] },
  },
  { name: 'an entry that never had any is left alone', desired: { addresses: [] } },
]

describe('patchOfStatus, applied strictly (RFC 6902)', () => {
  for (const { name, status, desired = want, after } of cases) {
    it(name, () => {
      const raw = objectOf(status)
      const entry = readEntry(raw)
      assert.ok(entry)
      const patch = patchOfStatus(entry, desired, time)
      if (after === undefined) {
        assert.deepEqual(patch, [])
        return
      }
      const result = applyStrictly(raw, patch)
      assert.deepEqual(isPlainMap(result) && result['status'], after)
      const again = readEntry(result as PlainMap)
      assert.deepEqual(again && patchOfStatus(again, desired, 'later'), [], 'comes to rest')
    })
  }

  it('does not hold for another version than the one that was read', () => {
    const entry = readEntry(objectOf(undefined))
    assert.ok(entry)
    const newer = { ...objectOf(undefined), metadata: { resourceVersion: '8' } }
    assert.throws(() => applyStrictly(newer, patchOfStatus(entry, want, time)), /test/)
  })
})

function objectOf(status: unknown): PlainMap {
  return {
    metadata: { namespace: 'default', name: 'a', uid: 'u', resourceVersion: '7', generation: 2 },
    spec: { hosts: ['a.io'], resolution: 'DNS' },
    ...(status === undefined ? {} : { status }),
  }
}
