import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { readDocuments } from '../../documents/documents.ts'
import { registrant, workloadGroup } from '../../testing/registration.ts'
import { parseObject } from '../parse-object.ts'
import { checkRegistrant } from './check-registrant.ts'
import {
  entryOfGroup,
  hasLeft,
  RegisteredEntry,
  withConnected,
  withDisconnected,
  withHealth,
} from './registered-entry.ts'
import type { Registrant } from './registrant.ts'

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5)
const connected = { atMs, controller: 'host-1' }

function entryFor(
  facts: Partial<Registrant> = {},
  spec: Readonly<Record<string, unknown>> = {},
): RegisteredEntry {
  const group = workloadGroup(spec)
  return entryOfGroup(group, checkRegistrant(registrant(facts)), connected)
}

function parsed(entry: RegisteredEntry) {
  const [document] = readDocuments(stringify(entry), 'entry.yaml').documents
  assert.ok(document)
  const { object, findings } = parseObject(document, { defaultNamespace: 'default' })
  assert.deepEqual(findings, [])
  assert.ok(object?.kind === 'WorkloadEntry')
  return object
}

describe('entryOfGroup (Istio: auto-registration)', () => {
  it('takes name, namespace and owner from the group, and the address from the machine', () => {
    const { metadata, spec } = entryFor()
    assert.equal(metadata.name, 'vms-10.0.0.7')
    assert.equal(metadata.namespace, 'shop')
    assert.deepEqual(metadata.ownerReferences, [
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'WorkloadGroup',
        name: 'vms',
        controller: true,
      },
    ])
    assert.equal(spec.address, '10.0.0.7')
  })

  it('says in annotations of which group it is, and who looks after it since when', () => {
    assert.deepEqual(entryFor().metadata.annotations, {
      'istio.io/autoRegistrationGroup': 'vms',
      'istio.io/workloadController': 'host-1',
      'istio.io/connectedAt': '2026-01-02T03:04:05.000Z',
    })
  })

  it('puts labels of the machine over those of the group over those of the template', () => {
    const template = {
      serviceAccount: 'ratings',
      labels: { template: 'template', group: 'template', machine: 'template' },
    }
    const metadata = { labels: { group: 'group', machine: 'group' } }
    const entry = entryFor({ labels: new Map([['machine', 'machine']]) }, { template, metadata })
    assert.deepEqual(entry.metadata.labels, {
      template: 'template',
      group: 'group',
      machine: 'machine',
    })
  })

  it('takes everything else from the template', () => {
    const template = {
      address: '10.9.9.9',
      serviceAccount: 'ratings',
      ports: { http: 8080 },
      network: 'nw1',
      locality: 'eu/a/1',
      weight: 3,
    }
    assert.deepEqual(entryFor({}, { template }).spec, {
      address: '10.0.0.7',
      serviceAccount: 'ratings',
      ports: { http: 8080 },
      network: 'nw1',
      locality: 'eu/a/1',
      weight: 3,
    })
  })

  it('takes the network of the machine before that of the template', () => {
    const template = { serviceAccount: 'ratings', network: 'nw1' }
    assert.equal(entryFor({ network: 'nw2' }, { template }).spec.network, 'nw2')
  })

  it('takes annotations of the group', () => {
    const entry = entryFor({}, { metadata: { annotations: { owner: 'team-a' } } })
    assert.equal(entry.metadata.annotations['owner'], 'team-a')
  })

  it('is an object that our own reader takes without a word', () => {
    const entry = parsed(entryFor({ labels: new Map([['app', 'ratings']]) }))
    assert.equal(entry.labels.get('app'), 'ratings')
    assert.equal(entry.healthy, true)
  })

  it('is unhealthy until the first report when the machine checks its health', () => {
    assert.equal(parsed(entryFor({ checksHealth: true })).healthy, false)
  })
})

describe('a registered entry', () => {
  const entry = entryFor()

  it('counts by the last report of its machine', () => {
    const sick = withHealth(entry, { healthy: false, message: 'status 500' }, atMs + 1_000)
    assert.equal(parsed(sick).healthy, false)
    assert.deepEqual(sick.status?.conditions, [
      {
        type: 'Healthy',
        status: 'False',
        lastTransitionTime: '2026-01-02T03:04:06.000Z',
        message: 'status 500',
      },
    ])
    const well = withHealth(sick, { healthy: true, message: '' }, atMs + 2_000)
    assert.equal(parsed(well).healthy, true)
  })

  it('stays the same object when a report says nothing new', () => {
    const well = withHealth(entry, { healthy: true, message: '' }, atMs)
    assert.equal(withHealth(well, { healthy: true, message: 'still' }, atMs + 1), well)
  })

  it('keeps no more of a message than anybody reads', () => {
    const sick = withHealth(entry, { healthy: false, message: 'x'.repeat(100_000) }, atMs)
    assert.equal(sick.status?.conditions[0]?.message?.length, 512)
  })

  it('says when its machine left, until it is back', () => {
    const left = withDisconnected(entry, atMs + 5_000)
    assert.equal(left.metadata.annotations['istio.io/disconnectedAt'], '2026-01-02T03:04:10.000Z')
    assert.equal(hasLeft(left), true)
    const back = withConnected(left, { atMs: atMs + 9_000, controller: 'host-2' })
    assert.equal(hasLeft(back), false)
    assert.equal(back.metadata.annotations['istio.io/connectedAt'], '2026-01-02T03:04:14.000Z')
    assert.equal(back.metadata.annotations['istio.io/workloadController'], 'host-2')
    assert.equal(back.metadata.creationTimestamp, entry.metadata.creationTimestamp)
  })

  it('is read back as it was written', () => {
    const sick = withHealth(entry, { healthy: false, message: 'a\nb' }, atMs)
    const [document] = readDocuments(stringify(sick), 'entry.yaml').documents
    assert.deepEqual(RegisteredEntry.parse(document?.value), sick)
  })
})
