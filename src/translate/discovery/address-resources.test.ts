import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRegistry, toJson } from '@bufbuild/protobuf'
import { parseIp } from '../../ip/address.ts'
import type { Service } from '../../registry/service.ts'
import { AddressSchema } from '../../rpc/gen/istio/workload/workload_pb.js'
import { DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import {
  auto,
  autoUid,
  entry,
  pod,
  resourcesOf,
  update,
} from '../../testing/auto-service-resources.ts'
import { decodeResource } from '../../testing/decode-resource.ts'
import { endpoint } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import { AddressResources } from './address-resources.ts'
import type { AddressResource } from './resource.ts'

/** The Address inside of a resource as protobuf's JSON, octets as base64. */
function read(resource: AddressResource | undefined) {
  assert.ok(resource)
  const registry = createRegistry(DetailsSchema)
  return toJson(AddressSchema, decodeResource(resource).resource, { registry })
}

const base64 = (...octets: readonly number[]) => Buffer.from(octets).toString('base64')

describe('AddressResources', () => {
  it('says of a service what a ztunnel needs, and the rest in an extension', () => {
    const resource = resourcesOf([auto]).get('default/auto.internal')
    assert.deepEqual(resource?.aliases, ['/240.240.0.1', '/2001:2::1'])
    assert.deepEqual(read(resource), {
      service: {
        name: 'external-auto',
        namespace: 'default',
        hostname: 'auto.internal',
        addresses: [
          { address: base64(240, 240, 0, 1) },
          { address: base64(0x20, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) },
        ],
        ports: [{ servicePort: 80, targetPort: 80 }],
        canonical: true,
        extensions: [
          {
            name: 'meshdns.io/details',
            config: {
              '@type': 'type.googleapis.com/meshdns.v1.Details',
              declarations: [
                {
                  origin: { file: 'mesh.yaml', line: 12 },
                  allocatable: true,
                  ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
                  createdAtMs: '1700000000000',
                },
              ],
            },
          },
        ],
      },
    })
  })

  it('says of a workload what a ztunnel needs, and the rest in an extension', () => {
    const resource = resourcesOf([auto]).get(autoUid)
    assert.deepEqual(resource?.aliases, ['/198.51.100.2'])
    assert.deepEqual(read(resource), {
      workload: {
        uid: autoUid,
        name: 'external-auto',
        namespace: 'default',
        clusterId: 'Kubernetes',
        addresses: [base64(198, 51, 100, 2)],
        services: { 'default/auto.internal': { ports: [{ servicePort: 80, targetPort: 8080 }] } },
        extensions: [
          {
            name: 'meshdns.io/details',
            config: {
              '@type': 'type.googleapis.com/meshdns.v1.Details',
              origin: { file: 'mesh.yaml', line: 12 },
            },
          },
        ],
      },
    })
  })

  it('says of which mesh both are: network, cluster, trust domain, service account', () => {
    const place = { clusterId: 'cluster1', network: 'net1', trustDomain: 'mesh.test' }
    const web = endpoint('10.0.0.7', {}, { origin: pod('web'), serviceAccount: 'seller' })
    const other = endpoint('10.0.0.8', {}, { origin: pod('other'), network: 'net2' })
    const service = serviceOf('auto.internal', { endpoints: [web, other] })
    const { put } = update(new AddressResources(place), [service])
    const known = new Map(put.map((resource) => [resource.name.replace(/^.*\//, ''), resource]))
    assert.deepEqual(known.get('auto.internal')?.aliases, ['net1/240.240.0.1', 'net1/2001:2::1'])
    assert.deepEqual(known.get('web')?.aliases, ['net1/10.0.0.7'])
    assert.deepEqual(known.get('other')?.aliases, ['net2/10.0.0.8'])
    assert.partialDeepStrictEqual(read(known.get('auto.internal')), {
      service: { addresses: [{ network: 'net1' }, { network: 'net1' }] },
    })
    assert.partialDeepStrictEqual(read(known.get('web')), {
      workload: { ...place, serviceAccount: 'seller' },
    })
  })

  it('keeps both below half a kilo-octet', () => {
    const sizes = [...resourcesOf([auto]).values()].map(({ octets }) => octets.length)
    assert.ok(Math.max(...sizes) <= 512, `${sizes.join(' and ')} octets`)
  })

  it('passes connections through, and counts workloads that are not ready, where the service wants it', () => {
    const none = serviceOf('none.test', { resolution: 'NONE', addresses: [parseIp('192.0.2.1')] })
    const eager = serviceOf('eager.test', { publishNotReady: true })
    const resources = resourcesOf([none, eager])
    const balancing = (name: string) => read(resources.get(name))
    assert.partialDeepStrictEqual(balancing('default/none.test'), {
      service: { loadBalancing: { mode: 'PASSTHROUGH' } },
    })
    assert.partialDeepStrictEqual(balancing('default/eager.test'), {
      service: { loadBalancing: { healthPolicy: 'ALLOW_ALL' } },
    })
  })

  it('says the families of cluster IPs', () => {
    const rows: readonly (readonly [addresses: readonly string[], want: string | undefined])[] = [
      [[], undefined],
      [['10.96.0.1'], 'IPV4_ONLY'],
      [['fd00::1'], 'IPV6_ONLY'],
      [['10.96.0.1', 'fd00::1'], 'DUAL'],
    ]
    for (const [texts, want] of rows) {
      const addresses = texts.map(parseIp)
      const host = 'web.default.svc.cluster.local'
      const web = serviceOf(host, { registry: 'Kubernetes', shortName: 'web', addresses })
      const got = read(resourcesOf([web]).get(`default/${host}`)) as {
        readonly service: { readonly ipFamilies?: string }
      }
      assert.equal(got.service.ipFamilies, want)
    }
  })

  it('calls the namespace canonical that others mean by the host', () => {
    const old = serviceOf('a.test', { namespace: 'ns1', createdAt: 1 })
    const young = serviceOf('a.test', { namespace: 'ns2', createdAt: 2 })
    const cluster = { ...young, namespace: 'ns3', registry: 'Kubernetes' } as const
    const canonical = (services: readonly Service[]) =>
      [...resourcesOf(services)].flatMap(([name, resource]) =>
        JSON.stringify(read(resource)).includes('"canonical":true') ? [name] : [],
      )
    assert.deepEqual(canonical([young, old]), ['ns1/a.test'])
    assert.deepEqual(canonical([young, old, cluster]), ['ns3/a.test'])
  })

  it('makes one workload of a pod that serves several services', () => {
    const web = endpoint('10.0.0.7', { 80: 8080 }, { origin: pod('web-0') })
    const services = [
      serviceOf('b.test', { endpoints: [web], exportTo: ['ns2'] }),
      serviceOf('a.test', { endpoints: [{ ...web, hostname: 'web-0' }] }),
    ]
    const resources = resourcesOf(services)
    const resource = resources.get('Kubernetes//Pod/default/web-0')
    assert.equal(resources.size, 3)
    assert.deepEqual(
      resource?.services.map(({ host, exportTo }) => [host, ...exportTo]),
      [
        ['a.test', '*'],
        ['b.test', 'ns2'],
      ],
    )
    assert.partialDeepStrictEqual(read(resource), {
      workload: {
        workloadType: 'POD',
        services: { 'default/a.test': {}, 'default/b.test': {} },
        extensions: [{ config: { roles: [{ service: 'default/a.test', hostname: 'web-0' }] } }],
      },
    })
  })

  it('tells apart what one object has twice, and names a socket and a name by themselves', () => {
    const targets = ['192.0.2.1', '192.0.2.1', 'up.test', 'unix:///run/a#b']
    const origin = entry('x')
    const endpoints = targets.map((target) => endpoint(target, { 80: 80 }, { origin }))
    const names = [...resourcesOf([serviceOf('x.test', { endpoints })]).keys()]
    const base = 'Kubernetes/networking.istio.io/ServiceEntry/default/x/'
    assert.deepEqual(names.slice(1), [
      `${base}192.0.2.1`,
      `${base}192.0.2.1#2`,
      `${base}up.test`,
      `${base}/run/a%23b`,
    ])
  })

  it('makes several workloads of one that services do not agree on', () => {
    const web = endpoint('10.0.0.7', { 80: 8080 }, { origin: pod('web-0') })
    const services = [
      serviceOf('a.test', { endpoints: [web] }),
      serviceOf('b.test', { endpoints: [{ ...web, weight: 3 }] }),
    ]
    const resources = new AddressResources({ clusterId: 'Kubernetes' })
    const { put } = update(resources, services)
    const uids = put.map(({ name }) => name).filter((name) => name.includes('Pod'))
    assert.match(uids.join(' '), /^\S+\/web-0 \S+\/web-0~[-\w]{8}$/)
    const [, b] = services
    assert.ok(b)
    const change = update(resources, [{ ...b, endpoints: [web] }, ...services.slice(0, 1)])
    assert.deepEqual(change.drop, uids.slice(1))
  })
})
