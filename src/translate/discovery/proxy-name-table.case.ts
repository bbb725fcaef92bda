import { parseIp } from '../../ip/address.ts'
import { Scopes } from '../../registry/scope.ts'
import type { Endpoint, Service } from '../../registry/service.ts'
import { endpoint, hostname } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import type { NameTableReader } from './proxy-name-table.ts'

/** A proxy of `testns` at 9.9.9.9 that captures DNS. */
export function proxy(facts: Partial<NameTableReader> = {}): NameTableReader {
  const namespace = facts.namespace ?? 'testns'
  return {
    namespace,
    scope: new Scopes([], 'istio-system').scopeOf({ namespace, labels: new Map() }),
    addresses: [parseIp('9.9.9.9')],
    capturesDns: true,
    ...facts,
  }
}

function pod(name: string, address: string, facts: Partial<Endpoint> = {}): Endpoint {
  return endpoint(address, { 9000: 9000 }, { hostname: name, ...facts })
}

export const pods = [
  pod('pod1', '1.2.3.4'),
  pod('pod2', '9.6.7.8', { network: 'nw2' }),
  pod('pod3', '19.6.7.8', { network: 'nw1' }),
  pod('pod4', '9.16.7.8'),
]
export const headlessHost = 'headless-svc.testns.svc.cluster.local'

function kubernetes(host: string, fields: Partial<Service> = {}): Service {
  const [shortName = ''] = host.split('.')
  return serviceOf(host, { registry: 'Kubernetes', shortName, namespace: 'testns', ...fields })
}

export function headless(endpoints: readonly Endpoint[], fields: Partial<Service> = {}): Service {
  return kubernetes(headlessHost, { headless: true, resolution: 'NONE', endpoints, ...fields })
}

function selecting(endpoints: readonly Endpoint[]): Service {
  return serviceOf('foo.bar.com', {
    namespace: 'testns',
    headless: true,
    resolution: 'NONE',
    endpoints,
  })
}

const anonymous = pods.map(({ hostname: _hostname, ...rest }) => rest)
export const podEntry = (name: string, ...addresses: readonly string[]) => [
  `${name}.${headlessHost}`,
  `Kubernetes ${name}.headless-svc testns ${addresses.join(' ')}`,
]
const serviceEntry = (...addresses: readonly string[]) => [
  headlessHost,
  `Kubernetes headless-svc testns ${addresses.join(' ')}`,
]
const web = 'web.testns.svc.cluster.local'

export interface NameTableCase {
  readonly name: string
  readonly reader?: NameTableReader
  readonly services: readonly Service[]
  readonly virtual?: Readonly<Record<string, readonly string[]>>
  /** As `[name, 'REGISTRY SHORTNAME NAMESPACE IP IP …']`, with `-` for what is empty. */
  readonly want: readonly (readonly string[])[]
}

/**
 * Istio's own table. Its rows with clusters are missing: a registry is one cluster, and endpoints do not tell
 * theirs. So is the address that its first algorithm makes of a name: ours come from the allocator.
 */
export const tableCases: readonly NameTableCase[] = [
  {
    name: 'a headless service and its pods',
    services: [headless(pods)],
    want: [
      serviceEntry('1.2.3.4', '9.6.7.8', '19.6.7.8', '9.16.7.8'),
      podEntry('pod1', '1.2.3.4'),
      podEntry('pod2', '9.6.7.8'),
      podEntry('pod3', '19.6.7.8'),
      podEntry('pod4', '9.16.7.8'),
    ],
  },
  {
    name: 'no pods of another network',
    reader: proxy({ network: 'nw1' }),
    services: [headless(pods)],
    want: [
      serviceEntry('1.2.3.4', '19.6.7.8', '9.16.7.8'),
      podEntry('pod1', '1.2.3.4'),
      podEntry('pod3', '19.6.7.8'),
      podEntry('pod4', '9.16.7.8'),
    ],
  },
  {
    name: 'no pods that are not ready',
    services: [headless(pods.slice(0, 3).map((one, index) => ({ ...one, healthy: index === 0 })))],
    want: [serviceEntry('1.2.3.4'), podEntry('pod1', '1.2.3.4')],
  },
  {
    name: 'pods that are not ready where the service wants them',
    services: [
      headless(
        pods.slice(0, 3).map((one, index) => ({ ...one, healthy: index === 0 })),
        { publishNotReady: true },
      ),
    ],
    want: [
      serviceEntry('1.2.3.4', '9.6.7.8', '19.6.7.8'),
      podEntry('pod1', '1.2.3.4'),
      podEntry('pod2', '9.6.7.8'),
      podEntry('pod3', '19.6.7.8'),
    ],
  },
  {
    name: 'a wildcard under itself',
    services: [
      kubernetes('*.testns.svc.cluster.local', {
        shortName: 'wildcard-svc',
        addresses: [parseIp('172.10.10.10')],
      }),
    ],
    want: [['*.testns.svc.cluster.local', 'Kubernetes wildcard-svc testns 172.10.10.10']],
  },
  {
    name: 'nothing for a range',
    services: [
      serviceOf('a.test', { prefixes: [{ network: parseIp('172.217.0.0'), length: 16 }] }),
    ],
    want: [],
  },
  {
    name: 'the pods that an entry without resolution selects, without names of their own',
    services: [selecting(anonymous)],
    want: [['foo.bar.com', 'External - - 1.2.3.4 9.6.7.8 19.6.7.8 9.16.7.8']],
  },
  {
    name: 'the near ones of the pods that an entry selects',
    reader: proxy({ network: 'nw1' }),
    services: [selecting(anonymous)],
    want: [['foo.bar.com', 'External - - 1.2.3.4 19.6.7.8 9.16.7.8']],
  },
  {
    name: 'names of the pods of an entry where they have that subdomain',
    services: [selecting(pods.slice(0, 1))],
    want: [
      ['foo.bar.com', 'External - - 1.2.3.4'],
      ['pod1.foo.bar.com', 'External pod1.foo testns 1.2.3.4'],
    ],
  },
  {
    name: 'both cluster IPs for a proxy of both families, in their order',
    reader: proxy({ addresses: [parseIp('9.9.9.9'), parseIp('2001:1::9')] }),
    services: [kubernetes(web, { addresses: ['2001:2::', '10.0.0.8'].map(parseIp) })],
    want: [[web, 'Kubernetes web testns 2001:2:: 10.0.0.8']],
  },
  {
    name: 'cluster IPs of the families of the proxy',
    services: [kubernetes(web, { addresses: ['2001:2::', '10.0.0.8'].map(parseIp) })],
    want: [[web, 'Kubernetes web testns 10.0.0.8']],
  },
  {
    name: 'a cluster IP of another family where there is no other',
    services: [kubernetes(web, { addresses: [parseIp('2001:2::')] })],
    want: [[web, 'Kubernetes web testns 2001:2::']],
  },
  {
    name: 'explicit addresses of an entry whatever their family',
    services: [serviceOf('a.test', { addresses: ['10.0.0.5', '2001:db8::1'].map(parseIp) })],
    want: [['a.test', 'External - - 10.0.0.5 2001:db8::1']],
  },
  {
    name: 'the addresses of two entries of a host as one',
    services: ['10.0.0.5', '10.0.0.6'].map((text) =>
      serviceOf('foo.bar.com', { addresses: [parseIp(text)] }),
    ),
    want: [['foo.bar.com', 'External - - 10.0.0.5 10.0.0.6']],
  },
  ...[0, 1].map((first): NameTableCase => {
    const entry = serviceOf(web, { namespace: 'testns', addresses: [parseIp('192.0.2.1')] })
    const service = kubernetes(web, { addresses: [parseIp('10.0.0.8')] })
    return {
      name: `the Kubernetes Service alone where an entry comes ${first === 0 ? 'before' : 'after'} it`,
      services: first === 0 ? [entry, service] : [service, entry],
      want: [[web, 'Kubernetes web testns 10.0.0.8']],
    }
  }),
  {
    name: 'every pod where ports differ between pods',
    services: [
      headless(
        pods.map((one, index) => ({ ...one, ports: new Map([[9000 + index, 9000 + index]]) })),
        { ports: pods.map((_, index) => ({ number: 9000 + index, name: '', protocol: 'TCP' })) },
      ),
    ],
    want: [
      serviceEntry('1.2.3.4', '9.6.7.8', '19.6.7.8', '9.16.7.8'),
      podEntry('pod1', '1.2.3.4'),
      podEntry('pod2', '9.6.7.8'),
      podEntry('pod3', '19.6.7.8'),
      podEntry('pod4', '9.16.7.8'),
    ],
  },
  {
    name: 'both addresses of a pod name that stands there twice',
    services: [headless([pod('pod1', '1.2.3.4'), pod('pod1', '1.2.3.5')])],
    want: [serviceEntry('1.2.3.4', '1.2.3.5'), podEntry('pod1', '1.2.3.4', '1.2.3.5')],
  },
  {
    name: 'no short names for a service of several clusters',
    services: [kubernetes('web.testns.svc.clusterset.local', { addresses: [parseIp('10.0.0.8')] })],
    want: [['web.testns.svc.clusterset.local', 'Kubernetes - - 10.0.0.8']],
  },
  {
    name: 'nor for its endpoints',
    services: [
      kubernetes('web.testns.svc.clusterset.local', {
        headless: true,
        endpoints: [endpoint('10.0.0.8', {}, { hostname: 'web-0.east' })],
      }),
    ],
    want: [
      ['web.testns.svc.clusterset.local', 'Kubernetes - - 10.0.0.8'],
      ['web-0.east.web.testns.svc.clusterset.local', 'Kubernetes - - 10.0.0.8'],
    ],
  },
  {
    name: 'nothing for the alias of another name',
    services: [kubernetes(web, { externalName: hostname('up.test') })],
    want: [],
  },
]

export const randoms = ['random-1', 'random-2', 'random-3'].map((name) =>
  serviceOf(`${name}.host.example`, {
    namespace: 'ns2',
    addresses: name === 'random-2' ? [parseIp('9.9.9.9')] : [],
  }),
)
export const virtual = {
  'ns2/random-1.host.example': ['240.240.0.1', '2001:2::1'],
  'ns2/random-3.host.example': ['240.240.0.2', '2001:2::2'],
}
const random2 = ['random-2.host.example', 'External - - 9.9.9.9']

/** Istio's `nds_test.go`; who allocates there with flags is known here by who captures DNS. */
export const virtualCases: readonly NameTableCase[] = [
  {
    name: 'virtual addresses of its family to a proxy that captures DNS',
    services: randoms,
    virtual,
    want: [
      ['random-1.host.example', 'External - - 240.240.0.1'],
      random2,
      ['random-3.host.example', 'External - - 240.240.0.2'],
    ],
  },
  {
    name: 'virtual IPv6 addresses to a proxy of IPv6, and explicit ones as they are',
    reader: proxy({ addresses: [parseIp('fd00::9')] }),
    services: randoms,
    virtual,
    want: [
      ['random-1.host.example', 'External - - 2001:2::1'],
      random2,
      ['random-3.host.example', 'External - - 2001:2::2'],
    ],
  },
  {
    name: 'no virtual addresses to a proxy that does not capture DNS',
    reader: proxy({ capturesDns: false }),
    services: randoms,
    virtual,
    want: [random2],
  },
]
