import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { RegisteredEntry } from '../../translate/registration/registered-entry.ts'
import { annotationsPatch, bodyOf, conditionsOf, readEntry } from './entry-object.ts'

const group = 'istio.io/autoRegistrationGroup'
const connectedAt = 'istio.io/connectedAt'
const owner = { apiVersion: 'networking.istio.io/v1beta1', kind: 'WorkloadGroup', name: 'vms' }
const healthy = {
  type: 'Healthy',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  message: 'ok',
}
const other = { type: 'Reconciled', status: 'True' }

/** An object of the cluster, with another value in some of its fields. */
function objectWith({ metadata, ...more }: { metadata?: object; [field: string]: unknown } = {}) {
  return {
    metadata: {
      name: 'vms-10.0.0.7',
      namespace: 'shop',
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { [group]: 'vms', [connectedAt]: 'then', mine: 'x' },
      ownerReferences: [
        { ...owner, uid: 'u', controller: true, blockOwnerDeletion: false },
        { ...owner, kind: 'Deployment' },
      ],
      ...metadata,
    },
    spec: { address: '10.0.0.7' },
    status: { conditions: [other, healthy] },
    ...more,
  }
}

const entry = readEntry(objectWith()) ?? assert.fail('it cannot be read')

function entryWith(annotations: Readonly<Record<string, string>>): RegisteredEntry {
  return { ...entry, metadata: { ...entry.metadata, annotations } }
}

describe('readEntry', () => {
  it('takes what counts, and leaves the rest', () => {
    const { kind, metadata, status } = entry
    assert.deepEqual(
      { kind, labels: metadata.labels, owners: metadata.ownerReferences, status },
      {
        kind: 'WorkloadEntry',
        labels: {},
        owners: [{ ...owner, controller: true }],
        status: { conditions: [healthy] },
      },
    )
  })

  for (const { name, raw } of [
    { name: 'that nobody registered', raw: objectWith({ metadata: { annotations: { a: 'b' } } }) },
    { name: 'without annotations', raw: objectWith({ metadata: { annotations: null } }) },
    { name: 'without metadata', raw: { spec: {} } },
    { name: 'without an address', raw: objectWith({ spec: {} }) },
    { name: 'with a label that is no text', raw: objectWith({ metadata: { labels: { a: 1 } } }) },
    {
      name: 'whose health is odd',
      raw: objectWith({ status: { conditions: [{ type: 'Healthy', status: 'Perhaps' }] } }),
    },
  ] satisfies readonly { readonly name: string; readonly raw: PlainMap }[]) {
    it(`takes none ${name}`, () => assert.equal(readEntry(raw), undefined))
  }

  for (const [name, status] of [
    ['no status', undefined],
    ['conditions that are no list', { conditions: 'all' }],
    ['only conditions of others', { conditions: [other, null] }],
  ] as const) {
    it(`says nothing of health for ${name}`, () => {
      assert.equal(readEntry(objectWith({ status }))?.status, undefined)
    })
  }
})

describe('bodyOf', () => {
  it('names the group as the cluster knows it, and no health', () => {
    const { name, namespace, labels, annotations } = entry.metadata
    const place = { apiVersion: 'networking.istio.io/v1', uid: 'u-1' }
    assert.deepEqual(bodyOf(entry, place), {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: {
        name,
        namespace,
        labels,
        annotations,
        ownerReferences: [{ ...owner, ...place, controller: true }],
      },
      spec: { address: '10.0.0.7' },
    })
  })
})

describe('annotationsPatch', () => {
  const { annotations } = entry.metadata
  const { [connectedAt]: _, ...without } = annotations
  for (const { name, wanted, want } of [
    { name: 'is none when nothing is different', wanted: annotations, want: undefined },
    {
      name: 'sets what is new',
      wanted: { ...annotations, [connectedAt]: 'now' },
      want: { [connectedAt]: 'now' },
    },
    { name: 'removes what is gone', wanted: without, want: { [connectedAt]: null } },
    {
      name: 'leaves alone what is not of controllers',
      wanted: { ...annotations, mine: 'y' },
      want: undefined,
    },
  ]) {
    it(name, () => assert.deepEqual(annotationsPatch(entry, entryWith(wanted)), want))
  }
})

describe('conditionsOf', () => {
  const ill = { ...healthy, status: 'False' }
  for (const { name, conditions, want } of [
    { name: 'are none when nothing is different', conditions: [other, healthy], want: undefined },
    {
      name: 'are none when only the time is different',
      conditions: [{ ...healthy, lastTransitionTime: 'then' }],
      want: undefined,
    },
    {
      name: 'have another status in place of its own',
      conditions: [ill, other],
      want: [other, healthy],
    },
    {
      name: 'have another message in place of its own',
      conditions: [{ ...healthy, message: 'no' }],
      want: [healthy],
    },
    { name: 'have the first', conditions: undefined, want: [healthy] },
  ]) {
    it(name, () => {
      assert.deepEqual(conditionsOf(objectWith({ status: { conditions } }), entry), want)
    })
  }

  it('are none for an entry that says nothing of health', () => {
    const { status: _, ...silent } = entry
    assert.equal(conditionsOf(objectWith(), silent), undefined)
  })
})
