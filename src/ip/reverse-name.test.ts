import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ipFromOctets, parseIp } from './address.ts'
import { ipOfReverseName, reverseName } from './reverse-name.ts'

describe('reverse names', () => {
  it('are those of RFC 1035 §3.5 and RFC 3596 §2.5', () => {
    assert.equal(reverseName(parseIp('240.240.0.1')), '1.0.240.240.in-addr.arpa')
    assert.equal(
      reverseName(parseIp('4321:0:1:2:3:4:567:89ab')),
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
    )
  })

  it('come back as their address', () => {
    const octets = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    fc.assert(
      fc.property(octets.map(ipFromOctets), (one) => ipOfReverseName(reverseName(one)) === one),
    )
  })

  for (const name of [
    '0.240.240.in-addr.arpa',
    '1.1.0.240.240.in-addr.arpa',
    '256.0.240.240.in-addr.arpa',
    '01.0.240.240.in-addr.arpa',
    'x.0.240.240.in-addr.arpa',
    '1.ip6.arpa',
    'in-addr.arpa',
    'www.example.com',
  ]) {
    it(`are not found in ${name}`, () => assert.equal(ipOfReverseName(name), undefined))
  }
})
