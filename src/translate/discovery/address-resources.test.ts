import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRegistry, fromBinary, toJson } from '@bufbuild/protobuf'
import { anyUnpack } from '@bufbuild/protobuf/wkt'
import { parseIp } from '../../ip/address.ts'
import type { Service } from '../../registry/service.ts'
import { ResourceSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { AddressSchema } from '../../rpc/gen/istio/workload/workload_pb.js'
import { DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import { catalogOf } from '../../testing/catalogs.ts'
import { endpoint } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import { AddressResources } from './address-resources.ts'
import type { AddressResource, ResourceChange } from './resource.ts'

const entry = (name: string, line = 1) => ({
  kind: 'ServiceEntry',
  namespace: 'default',
  name,
  file: 'mesh.yaml',
  line,
})
const pod = (name: string) => ({ ...entry(name, 50), kind: 'Pod' })

const auto = serviceOf('auto.internal', {
  origin: entry('external-auto', 12),
  createdAt: 1_700_000_000_000,
  endpoints: [endpoint('198.51.100.2', { 80: 8080 }, { origin: entry('external-auto', 12) })],
})
const held = { 'default/auto.internal': ['240.240.0.1', '2001:2::1'] }
const autoUid = 'Kubernetes/networking.istio.io/ServiceEntry/default/external-auto/198.51.100.2'

function update(
  resources: AddressResources,
  services: readonly Service[],
  virtual: Readonly<Record<string, readonly string[]>> = held,
  hosts = services.map(({ host }) => host),
): ResourceChange {
  return resources.update(hosts, catalogOf(services, virtual))
}

function resourcesOf(services: readonly Service[], virtual = held) {
  const { put } = update(new AddressResources({ clusterId: 'Kubernetes' }), services, virtual)
  return new Map(put.map((resource) => [resource.name, resource]))
}

/** The Address inside of a resource as protobuf's JSON, octets as base64. */
function read(resource: AddressResource | undefined) {
  assert.ok(resource)
  const outer = fromBinary(ResourceSchema, resource.octets)
  assert.equal(outer.name, resource.name)
  assert.equal(outer.version, resource.version)
  assert.deepEqual(outer.aliases, resource.aliases)
  const address = outer.resource && anyUnpack(outer.resource, AddressSchema)
  assert.ok(address)
  return toJson(AddressSchema, address, { registry: createRegistry(DetailsSchema) })
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

describe('AddressResources.update', () => {
  it('has nothing to say when nothing changed', () => {
    const resources = new AddressResources({ clusterId: 'Kubernetes' })
    update(resources, [auto])
    const again = { ...auto, endpoints: auto.endpoints.map((one) => ({ ...one })) }
    assert.deepEqual(update(resources, [again]), { put: [], drop: [] })
  })

  const rows: readonly {
    readonly name: string
    readonly services?: readonly Service[]
    readonly virtual?: Readonly<Record<string, readonly string[]>>
    readonly put?: readonly string[]
    readonly drop?: readonly string[]
  }[] = [
    { name: 'all of a host that is gone', services: [], drop: ['default/auto.internal', autoUid] },
    {
      name: 'the workload when its health is another',
      services: [{ ...auto, endpoints: auto.endpoints.map((e) => ({ ...e, healthy: false })) }],
      put: [autoUid],
    },
    {
      name: 'the service when its address is another',
      virtual: { 'default/auto.internal': ['240.240.0.9'] },
      put: ['default/auto.internal'],
    },
    {
      name: 'both when others may see them',
      services: [{ ...auto, exportTo: ['ns2'] }],
      put: ['default/auto.internal', autoUid],
    },
    {
      name: 'workloads as well when a second declaration joins the first',
      services: [auto, { ...auto, origin: entry('second'), endpoints: [], createdAt: 9 }],
      put: ['default/auto.internal', autoUid],
    },
    {
      name: 'a workload that was added, alone',
      services: [
        {
          ...auto,
          endpoints: [
            ...auto.endpoints,
            endpoint('192.0.2.7', {}, { origin: entry('external-auto') }),
          ],
        },
      ],
      put: ['Kubernetes/networking.istio.io/ServiceEntry/default/external-auto/192.0.2.7'],
    },
  ]
  for (const { name, services = [auto], virtual = held, put = [], drop = [] } of rows) {
    it(`names ${name}`, () => {
      const resources = new AddressResources({ clusterId: 'Kubernetes' })
      const before = update(resources, [auto])
      const change = update(resources, services, virtual, [auto.host])
      assert.deepEqual(
        change.put.map((resource) => resource.name),
        put,
      )
      assert.deepEqual(change.drop, drop)
      const restored = update(resources, [auto])
      const versions = new Map(before.put.map((resource) => [resource.name, resource.version]))
      for (const resource of restored.put) {
        assert.equal(resource.version, versions.get(resource.name))
      }
    })
  }

  it('does not depend on the way that led to it', () => {
    const other = serviceOf('other.test', {
      endpoints: [endpoint('10.0.0.7', { 80: 8080 }, { origin: pod('web-0') })],
    })
    const both = { ...auto, endpoints: [...auto.endpoints, ...other.endpoints] }
    const resources = new AddressResources({ clusterId: 'Kubernetes' })
    const versions = new Map<string, string>()
    for (const services of [[auto], [other], [both, other]]) {
      const { put, drop } = update(resources, services)
      for (const { name, version } of put) versions.set(name, version)
      for (const name of drop) versions.delete(name)
    }
    const direct = [...resourcesOf([other, both])].map(([name, { version }]) => [name, version])
    assert.deepEqual([...versions].sort(), direct.sort())
  })
})
