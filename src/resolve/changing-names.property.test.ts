import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseIp } from '../ip/address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { recordOf } from '../registry/name-table.ts'
import type { Service } from '../registry/service.ts'
import { seenHost } from '../registry/view.ts'
import { domain } from '../testing/cluster-hosts.ts'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { endpoint, hostname } from '../testing/mesh.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { serviceOf } from '../testing/services.ts'

const viewer = { namespace: 'ns1', virtualFamilies: [4, 6] } as const
const own = `svc.${domain}`

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1').map(parseIp)
const endpoints = fc.array(
  fc.record({
    address,
    hostname: fc.option(fc.constantFrom('e0', 'e1'), { nil: undefined }),
    healthy: fc.boolean(),
  }),
  { maxLength: 3 },
)
const ports = fc.subarray([
  { number: 80, name: 'http', protocol: 'HTTP' },
  { number: 53, name: 'dns', protocol: 'UDP' },
])

const shared = fc.record({
  addresses: fc.uniqueArray(address, { maxLength: 2 }),
  headless: fc.boolean(),
  ports,
  endpoints: endpoints.map((given) =>
    given.map(({ address: text, healthy, hostname: called }) => ({
      ...endpoint(text, { 80: 8080, 53: 53 }),
      healthy,
      ...(called === undefined ? {} : { hostname: called }),
    })),
  ),
})

const kubernetes = fc
  .record({
    host: fc.constantFrom('web.ns1', 'web.ns1', 'hl.ns1', 'hl.ns1', 'hl.ns2'),
    zone: fc.constantFrom(domain, domain, domain, 'clusterset.local'),
    target: fc.option(fc.constantFrom(`web.ns1.${own}`, `hl.ns2.${own}`, 'a.test', 'www.up.test'), {
      nil: undefined,
      freq: 5,
    }),
    fields: shared,
  })
  .map(({ host: name, zone, target, fields }): Service => {
    const [shortName = '', namespace = ''] = name.split('.')
    const host = `${name}.svc.${zone}`
    const named = { registry: 'Kubernetes', shortName, namespace } as const
    if (target === undefined) return serviceOf(host, { ...fields, ...named })
    return serviceOf(host, { ...named, externalName: hostname(target) })
  })

const entry = fc
  .record({
    host: fc.constantFrom('a.test', '*.test', 'hl.ns1', 'b.hl', `*.ns1.${own}`, `hl.ns2.${own}`),
    namespace: fc.constantFrom('ns1', 'ns2'),
    fields: shared,
  })
  .map(({ host, namespace, fields }) => serviceOf(host, { ...fields, namespace }))

/** What a host's services are from now on; none where it is gone. */
const change = fc
  .oneof({ weight: 3, arbitrary: kubernetes }, { weight: 1, arbitrary: entry })
  .chain((service) =>
    fc
      .constantFrom([service], [service], [service], [])
      .map((services) => ({ host: service.host, services })),
  )

const facts: fc.Arbitrary<ClusterFacts | undefined> = fc.option(
  fc.record({
    domain: fc.constant(domain),
    namespaces: fc.subarray(['ns1', 'ns2']).map((names) => new Set(names)),
    complete: fc.boolean(),
    unknownServices: fc.subarray(['web.ns1', 'hl.ns2']).map((names) => new Set(names)),
  }),
  { nil: undefined },
)

const question = fc
  .tuple(
    fc.constantFrom('', 'e0.', '10-0-0-1.', '_http._tcp.', 'http.tcp.', 'b.', '_443._https.'),
    fc.constantFrom(
      'web',
      'hl',
      'web.ns1',
      'hl.ns1.svc',
      `web.ns1.${own}`,
      `hl.ns1.${own}`,
      `hl.ns2.${own}`,
      `ns1.${own}`,
      'web.ns1.svc.clusterset.local',
      'a.test',
    ),
    fc.constantFrom('', '', `.ns1.${own}`, `.${domain}`, '.corp.test'),
    fc.constantFrom('A', 'A', 'AAAA', 'SRV', 'ANY', 'HTTPS', 'TXT'),
  )
  .map(([below, name, ending, type]) => `${below}${name}${ending}. ${type}`)
const reverse = fc.constantFrom('1.0.0.10', '2.0.0.10').map((name) => `${name}.in-addr.arpa. PTR`)

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ change }) },
  { weight: 1, arbitrary: fc.record({ facts }) },
  {
    weight: 1,
    arbitrary: fc.record({ search: fc.constantFrom('corp.test', `ns1.${own} ${own} ${domain}`) }),
  },
)
const course = fc.record({
  questions: fc.uniqueArray(
    fc.oneof({ weight: 5, arbitrary: question }, { weight: 1, arbitrary: reverse }),
    { minLength: 20, maxLength: 20 },
  ),
  steps: fc.array(step, { maxLength: 30, size: 'max' }),
})

/** What a client hears, and whether anybody else is asked. */
function heard(rig: ResolverRig, asked: string): readonly string[] {
  const before = rig.asked.length
  const [reply] = rig.query(asked)
  const [code = '', ...answers] = reply ? describeMessage(reply) : []
  const others = [...(reply?.authorities ?? []), ...(reply?.additionals ?? [])].map(describeRecord)
  return [
    code,
    ...answers.sort(),
    ...others.sort(),
    ...(rig.asked.length > before ? ['elsewhere'] : []),
  ]
}

const resolvConf = (search: string) => `nameserver 192.0.2.53\nsearch ${search}\n`

describe('a resolver whose mesh changes', () => {
  it('says what one says that starts with the mesh as it is then', () => {
    fc.assert(
      fc.property(course, ({ questions, steps }) => {
        const records = new Map<Hostname, NameRecord>()
        let cluster: ClusterFacts | undefined
        let search = 'corp.test'
        const rig = new ResolverRig({ resolvConf: resolvConf(search) })
        for (const one of steps) {
          if ('search' in one) {
            search = one.search
            rig.resolvConf(resolvConf(search))
          } else if ('facts' in one) {
            cluster = one.facts
            rig.resolver.setCluster(cluster)
          } else {
            const { host, services } = one.change
            const seen = seenHost(services, new Map(), viewer)
            const record = seen && recordOf(seen, { namespace: 'ns1', clusterDomain: domain })
            rig.resolver.updateHosts({
              put: record ? [record] : [],
              drop: !record && records.delete(host) ? [host] : [],
            })
            if (record) records.set(host, record)
          }
          const anew = new ResolverRig({
            resolvConf: resolvConf(search),
            hosts: [...records.values()],
          })
          anew.resolver.setCluster(cluster)
          for (const question of questions) {
            assert.deepEqual(heard(rig, question), heard(anew, question), question)
          }
        }
      }),
    )
  })
})
