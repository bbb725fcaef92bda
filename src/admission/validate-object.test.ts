import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import type { PlainMap } from '../documents/plain-map.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { serviceOf } from '../testing/services.ts'
import type { ReviewRequest } from './review.ts'
import { validateObject } from './validate-object.ts'

const apiVersion = 'networking.istio.io/v1'

function objectOf(kind: string, spec: string, metadata: PlainMap = { name: 'a' }): PlainMap {
  return { apiVersion, kind, metadata, spec: parse(spec) as unknown }
}

function requestOf(object: PlainMap, more: Partial<ReviewRequest> = {}): ReviewRequest {
  return {
    uid: 'u',
    group: 'networking.istio.io',
    version: 'v1',
    kind: String(object['kind']),
    subresource: '',
    name: 'a',
    namespace: 'shop',
    operation: 'CREATE',
    object,
    dryRun: false,
    ...more,
  }
}

const good = '{ hosts: [a.test], ports: [{ number: 80, name: http, protocol: HTTP }] }'
const bad = '{ hosts: [a.test], ports: [{ number: 80, name: http, protocol: HTTTP }] }'
const dubious =
  '{ hosts: [a.test], resolution: NONE, ports: [{ number: 90, name: tcp, protocol: TCP }] }'

interface Case {
  readonly name: string
  readonly request: ReviewRequest
  readonly autoAllocate?: boolean
  /** What is refused, or else what the warnings say; nothing when it simply passes. */
  readonly refused?: RegExp
  readonly warned?: RegExp
}

const cases: readonly Case[] = [
  { name: 'a good ServiceEntry', request: requestOf(objectOf('ServiceEntry', good)) },
  {
    name: 'an unknown protocol: where, what, what to do',
    request: requestOf(objectOf('ServiceEntry', bad)),
    refused:
      /^ServiceEntry shop\/a spec\.ports\[0\]\.protocol: there is no protocol "HTTTP"\. Did you mean HTTP\? \[E10\]$/,
  },
  {
    name: 'several faults, each on a line',
    request: requestOf(objectOf('ServiceEntry', '{ hosts: ["*", "a..b"] }')),
    refused:
      /^2 things are wrong with ServiceEntry shop\/a:\n {2}- spec\.hosts\[0\]: .*\n {2}- spec\.hosts\[1\]: /,
  },
  {
    name: 'a TCP port without an address (W3) where none is given',
    request: requestOf(objectOf('ServiceEntry', dubious)),
    warned: /^ServiceEntry shop\/a spec[^]*\[W3\]/,
  },
  {
    name: 'a TCP port without an address (W3) when allocation is off',
    request: requestOf(
      objectOf(
        'ServiceEntry',
        '{ hosts: [a.test], resolution: STATIC, ports: [{ number: 90, name: tcp, protocol: TCP }] }',
      ),
    ),
    autoAllocate: false,
    warned: /\[W3\]/,
  },
  {
    name: 'the same port when addresses are given out',
    request: requestOf(
      objectOf(
        'ServiceEntry',
        '{ hosts: [a.test], resolution: STATIC, ports: [{ number: 90, name: tcp, protocol: TCP }] }',
      ),
    ),
  },
  {
    name: 'a WorkloadEntry without anything',
    request: requestOf(objectOf('WorkloadEntry', '{}')),
    refused: /spec.*address/,
  },
  {
    name: 'a Sidecar that has no hosts',
    request: requestOf(objectOf('Sidecar', '{ egress: [{}] }')),
    refused: /spec\.egress\[0\]/,
  },
  {
    name: 'a WorkloadGroup without a template',
    request: requestOf(objectOf('WorkloadGroup', '{ template: 1 }')),
    refused: /spec\.template/,
  },
  {
    name: 'a ProxyConfig whose variables are no texts',
    request: requestOf({
      ...objectOf('ProxyConfig', '{ environmentVariables: { A: true } }'),
      apiVersion: 'networking.istio.io/v1beta1',
    }),
    refused: /spec\.environmentVariables/,
  },
  {
    name: 'an object of ours that we do not read',
    request: requestOf(objectOf('VirtualService', '{ hosts: 1 }')),
  },
  {
    name: 'a kind of another group that is called alike',
    request: requestOf(objectOf('ServiceEntry', bad), { group: 'example.org' }),
  },
  {
    name: 'a status',
    request: requestOf(objectOf('ServiceEntry', bad), {
      subresource: 'status',
      operation: 'UPDATE',
    }),
  },
  {
    name: 'an object that is deleted',
    request: requestOf(objectOf('ServiceEntry', bad), { operation: 'DELETE' }),
  },
  {
    name: 'an object that loses a finalizer',
    request: requestOf(
      objectOf('ServiceEntry', bad, { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }),
      { operation: 'UPDATE' },
    ),
  },
  {
    name: 'an object whose name the API server makes',
    request: requestOf(objectOf('ServiceEntry', good, { generateName: 'a-' }), { name: '' }),
  },
  {
    name: 'a change of an object that was bad before, with a warning',
    request: requestOf(objectOf('ServiceEntry', bad), {
      operation: 'UPDATE',
      oldObject: objectOf('ServiceEntry', bad, { name: 'a', labels: { a: 'b' } }),
    }),
    warned: /^ServiceEntry shop\/a spec\.ports\[0\]\.protocol: [^]*\[E10\]/,
  },
  {
    name: 'a change that makes a bad object worse',
    request: requestOf(objectOf('ServiceEntry', bad.replace('a.test', '"*"')), {
      operation: 'UPDATE',
      oldObject: objectOf('ServiceEntry', bad),
    }),
    refused: /spec\.hosts\[0\]/,
  },
  {
    name: 'a host that a Service of the cluster has',
    request: requestOf(
      objectOf('ServiceEntry', good.replace('a.test', 'db.shop.svc.cluster.local')),
    ),
    warned:
      /^ServiceEntry shop\/a spec\.hosts: db\.shop\.svc\.cluster\.local: Service shop\/db has this host[^]*\[HOST_OF_SERVICE\]/,
  },
  {
    name: 'a change that makes a good object bad',
    request: requestOf(objectOf('ServiceEntry', bad), {
      operation: 'UPDATE',
      oldObject: objectOf('ServiceEntry', good),
    }),
    refused: /\[E10\]/,
  },
]

const kubernetesService = serviceOf('db.shop.svc.cluster.local', {
  registry: 'Kubernetes',
  origin: { kind: 'Service', namespace: 'shop', name: 'db', file: '', line: 0 },
})
const declared = { services: () => servicesByHost([kubernetesService]) }

describe('validateObject', () => {
  for (const { name, request, autoAllocate = true, refused, warned } of cases) {
    const verb = refused ? 'refuses' : warned ? 'warns of' : 'lets pass'
    it(`${verb} ${name}`, () => {
      const response = validateObject(request, { autoAllocate, declared })
      const { warnings = [] } = response
      if (refused) {
        assert.equal(response.allowed, false)
        assert.match(response.allowed ? '' : response.message, refused)
      } else assert.deepEqual(response.allowed, true, JSON.stringify(response))
      if (warned) assert.match(warnings.join('\n'), warned)
      else assert.deepEqual(warnings, [])
    })
  }

  it('does not list faults without end', () => {
    const hosts = Array.from({ length: 40 }, () => '"*"').join(', ')
    const response = validateObject(requestOf(objectOf('ServiceEntry', `{ hosts: [${hosts}] }`)), {
      autoAllocate: true,
      declared,
    })
    const text = response.allowed ? '' : response.message
    assert.match(text, /- and \d+ more$/)
    assert.equal(text.split('\n').length, 12)
  })
})
