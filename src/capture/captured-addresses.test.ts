import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { parseIp } from '../ip/address.ts'
import { formatPrefix, parsePrefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { MeshHost } from '../registry/view.ts'
import { arbitraryHostMoments } from '../testing/arbitrary-hosts.ts'
import { endpoint, hostname, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { CapturedAddresses, capturedAddresses } from './captured-addresses.ts'

interface Case {
  readonly name: string
  readonly services: readonly Partial<Service>[]
  readonly want: readonly string[]
}

const addresses = [parseIp('198.51.100.1')]
const endpoints = [endpoint('198.51.100.2', { 80: 80 })]

const cases: readonly Case[] = [
  {
    name: 'takes addresses and ranges of a service with endpoints',
    services: [
      {
        addresses: [...addresses, parseIp('2001:db8::1')],
        prefixes: [parsePrefix('10.9.0.0/16')],
        endpoints,
      },
    ],
    want: ['10.9.0.0/16', '198.51.100.1/32', '2001:db8::1/128'],
  },
  { name: 'leaves out a service without endpoints', services: [{ addresses }], want: [] },
  {
    name: 'leaves out a service that is reached as it is',
    services: [{ addresses, endpoints, resolution: 'NONE' }],
    want: [],
  },
  {
    name: 'takes a service whose endpoints are found by its own name',
    services: [{ addresses, resolution: 'DNS' }],
    want: ['198.51.100.1/32'],
  },
  {
    name: 'takes the address of one entry when another has the endpoints of the host',
    services: [{ addresses }, { endpoints }],
    want: ['198.51.100.1/32'],
  },
]

const virtualPrefixes = [parsePrefix('240.240.0.0/16')]

describe('capturedAddresses', () => {
  for (const { name, services, want } of cases) {
    it(name, () => {
      const seen = view(services.map((fields) => serviceOf('address.internal', fields)))
      assert.deepEqual(capturedAddresses(seen, virtualPrefixes).map(formatPrefix), want)
    })
  }

  it('does not take virtual addresses: their prefixes are caught as a whole', () => {
    const host = 'auto.internal'
    const seen = view([serviceOf(host, { endpoints })], { [host]: '240.240.0.1' })
    assert.deepEqual(capturedAddresses(seen, virtualPrefixes), [])
  })

  it('takes virtual addresses of an earlier prefix', () => {
    const host = 'auto.internal'
    const seen = view([serviceOf(host, { endpoints })], { [host]: '10.99.0.1' })
    assert.deepEqual(capturedAddresses(seen, virtualPrefixes).map(formatPrefix), ['10.99.0.1/32'])
  })
})

describe('CapturedAddresses', () => {
  it('comes to the same, host by host, as from the view at once', () => {
    fc.assert(
      fc.property(arbitraryHostMoments, (moments) => {
        const captured = new CapturedAddresses(virtualPrefixes)
        const seenNow = new Map<Hostname, MeshHost>()
        for (const { host, seen } of moments) {
          const before = captured.prefixes()
          captured.update(host, seen)
          seenNow.delete(host)
          if (seen) seenNow.set(host, seen)
          const want = capturedAddresses(seenNow, virtualPrefixes)
          assert.deepEqual(captured.prefixes(), want)
          if (isDeepStrictEqual(before, want)) continue
          assert.notEqual(captured.prefixes(), before)
        }
      }),
    )
  })

  it('gives the same array as long as the addresses are the same', () => {
    const service = serviceOf('a.test', { addresses, endpoints })
    const seenWith = (services: readonly Service[]) => view(services).get(hostname('a.test'))
    const captured = new CapturedAddresses(virtualPrefixes)
    captured.update(service.host, seenWith([service]))
    const before = captured.prefixes()
    captured.update(
      service.host,
      seenWith([{ ...service, endpoints: [...endpoints, ...endpoints] }]),
    )
    assert.equal(captured.prefixes(), before)
  })
})

interface Included {
  readonly name: string
  readonly included: readonly string[]
  readonly want: readonly string[]
}

const included: readonly Included[] = [
  {
    name: 'everything without a range',
    included: [],
    want: ['10.8.0.0/15', '10.99.0.1/32', '198.51.100.1/32'],
  },
  {
    name: 'what is within a range, and always virtual addresses',
    included: ['198.51.0.0/16'],
    want: ['10.99.0.1/32', '198.51.100.1/32'],
  },
  {
    name: 'the part of a wider range',
    included: ['10.9.0.0/16'],
    want: ['10.9.0.0/16', '10.99.0.1/32'],
  },
  { name: 'nothing of another family', included: ['2001:db8::/32'], want: ['10.99.0.1/32'] },
]

describe('the ranges that connections are caught to', () => {
  for (const { name, included: ranges, want } of included) {
    it(`leave ${name}`, () => {
      const services = [
        serviceOf('a.test', { addresses, prefixes: [parsePrefix('10.8.0.0/15')], endpoints }),
      ]
      const seen = view([...services, serviceOf('b.test', { allocatable: true, endpoints })], {
        'b.test': '10.99.0.1',
      })
      const got = capturedAddresses(seen, virtualPrefixes, ranges.map(parsePrefix))
      assert.deepEqual(got.map(formatPrefix), want)
    })
  }
})
