import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { endpoint, hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { nearnessOf } from './nearness.ts'
import type { Service } from './service.ts'
import { ServiceJson, serviceToJson } from './service-json.ts'

const services: readonly { readonly name: string; readonly service: Service }[] = [
  { name: 'a plain service', service: serviceOf('a.test') },
  {
    name: 'everything that a service may have',
    service: serviceOf('*.a.test', {
      namespace: 'shop',
      registry: 'Kubernetes',
      shortName: 'a',
      addresses: [parseIp('10.0.0.1'), parseIp('2001:db8::1')],
      prefixes: [parsePrefix('10.1.0.0/16'), parsePrefix('2001:db8::/32')],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }],
      endpoints: [
        endpoint(
          '10.0.0.2',
          { 80: 8080, 443: 8443 },
          { hostname: 'a-0', locality: 'eu/a/1', node: 'n1' },
        ),
        endpoint('2001:db8::2', {}, { otherAddresses: [parseIp('10.0.0.3')], network: 'nw1' }),
        endpoint('unix:///run/a.sock', {}, { healthy: false, weight: 7 }),
        endpoint('b.example.com', { 80: 80 }),
      ],
      headless: true,
      publishNotReady: true,
      nearness: nearnessOf.PreferSameNode,
      externalName: hostname('b.test'),
      exportTo: ['shop', 'bank'],
      ttlSeconds: 7,
      createdAt: 1_000,
    }),
  },
]

describe('ServiceJson', () => {
  for (const { name, service } of services) {
    it(`reads back ${name}`, () => {
      const text = JSON.stringify(serviceToJson(service))
      assert.deepEqual(ServiceJson.parse(JSON.parse(text)), service)
    })
  }

  it('leaves out what it does not know', () => {
    const json = { ...(serviceToJson(serviceOf('a.test')) as object), later: true }
    assert.deepEqual(ServiceJson.parse(json), serviceOf('a.test'))
  })

  it('refuses what is no host or address', () => {
    const json = { ...(serviceToJson(serviceOf('a.test')) as object), host: '-', addresses: ['x'] }
    const { error } = ServiceJson.safeParse(json)
    assert.deepEqual(
      error?.issues.map(({ path, message }) => [path.join('.'), message]),
      [
        ['host', '"-" is not a host name'],
        ['addresses.0', '"x" is not an address'],
      ],
    )
  })
})
