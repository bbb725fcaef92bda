import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scopeOf } from '../registry/scope.ts'
import type { Service } from '../registry/service.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { decodeCluster } from '../translate/discovery/cluster-message.ts'
import { ClusterMessages } from './cluster-messages.ts'

const facts = {
  domain: 'cluster.local',
  namespaces: new Set(['ns1']),
  complete: true,
  unknownServices: new Set<string>(),
}
const host = 'web.ns1.svc.cluster.local'
const web = serviceOf(host, { registry: 'Kubernetes', namespace: 'ns1', exportTo: ['*'] })
const own = { ...web, exportTo: ['.'] }
const entry = serviceOf('a.test', { namespace: 'ns1', exportTo: ['.'] })
const egress = [{ namespace: 'ns1', host: '*' }] as never

interface Case {
  readonly name: string
  readonly services: readonly Service[]
  readonly namespace?: string
  readonly limited?: true
  readonly complete?: boolean
  readonly want: boolean
}

const cases: readonly Case[] = [
  { name: 'one that sees all may deny names', services: [web], want: true },
  { name: 'one that a Service is hidden from may not', services: [web, own], want: false },
  { name: 'the Service’s own namespace may', services: [own], namespace: 'ns1', want: true },
  { name: 'a hidden ServiceEntry is no matter', services: [web, entry], want: true },
  { name: 'one under a Sidecar may not', services: [web], limited: true, want: false },
  { name: 'nobody may what the source may not', services: [web], complete: false, want: false },
]

describe('ClusterMessages', () => {
  for (const { name, services, namespace = 'ns2', limited, complete = true, want } of cases) {
    it(name, () => {
      const sidecar = { namespace, name: 'some', egress, createdAt: 0 }
      const scope = scopeOf({ namespace, labels: new Map() }, limited ? [sidecar] : [], 'root')
      const messages = new ClusterMessages(() => servicesByHost(services))
      const { octets } = messages.messageOf({ ...facts, complete }, scope)
      assert.deepEqual(decodeCluster(octets), { ...facts, complete: want })
    })
  }

  it('says to each proxy where it is, if that is known', () => {
    const scope = scopeOf({ namespace: 'ns2', labels: new Map() }, [], 'root')
    const messages = new ClusterMessages(() => servicesByHost([web]))
    const known = messages.messageOf(facts, scope, 'r/z')
    const other = messages.messageOf(facts, scope, 'r/y')
    const unknown = messages.messageOf(facts, scope)
    assert.deepEqual(decodeCluster(known.octets), { ...facts, locality: 'r/z' })
    assert.deepEqual(decodeCluster(unknown.octets), facts)
    assert.equal(new Set([known, other, unknown].map(({ version }) => version)).size, 3)
  })

  it('hears of Services that are hidden later, and shown again', () => {
    let services = servicesByHost([web])
    const scope = scopeOf({ namespace: 'ns2', labels: new Map() }, [], 'root')
    const messages = new ClusterMessages(() => services)
    const said = () => decodeCluster(messages.messageOf(facts, scope).octets).complete
    assert.equal(said(), true)
    services = servicesByHost([own])
    messages.changed([hostname(host)])
    assert.equal(said(), false)
    services = servicesByHost([])
    messages.changed([hostname(host)])
    assert.equal(said(), true)
  })
})
