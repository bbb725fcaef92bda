import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  compareIps,
  familyOf,
  type IpAddress,
  ipFromOctets,
  isLoopback,
  octetsOf,
  parseIp,
  tryParseIp,
} from './address.ts'

const rows: readonly { readonly text: string; readonly want: string | undefined }[] = [
  { text: '192.0.2.1', want: '192.0.2.1' },
  { text: '2001:DB8:0:0:0:0:0:1', want: '2001:db8::1' },
  { text: '2001:db8:0:1:1:1:1:1', want: '2001:db8:0:1:1:1:1:1' },
  { text: '2001:0:0:1:0:0:0:1', want: '2001:0:0:1::1' },
  { text: '2001:db8:0:0:1:0:0:1', want: '2001:db8::1:0:0:1' },
  { text: '::', want: '::' },
  { text: '::1', want: '::1' },
  { text: '1::', want: '1::' },
  { text: '::ffff:192.0.2.1', want: '::ffff:c000:201' },
  { text: '64:ff9b::192.0.2.33', want: '64:ff9b::c000:221' },
  { text: '192.0.2', want: undefined },
  { text: '192.0.2.256', want: undefined },
  { text: '192.0.2.01', want: undefined },
  { text: 'fe80::1%eth0', want: undefined },
  { text: '1::2::3', want: undefined },
  { text: '[::1]', want: undefined },
  { text: 'localhost', want: undefined },
  { text: '', want: undefined },
]

describe('tryParseIp', () => {
  for (const { text, want } of rows) {
    it(`reads ${JSON.stringify(text)} as ${want ?? 'no address'}`, () => {
      assert.equal(tryParseIp(text), want)
    })
  }

  it('has an error for people behind it', () => {
    assert.throws(() => parseIp('nowhere'), { code: 'IP_SYNTAX' })
  })
})

describe('octets', () => {
  const anyAddress = fc
    .oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    .map(ipFromOctets)

  it('come back from every address', () => {
    fc.assert(fc.property(anyAddress, (one) => ipFromOctets(octetsOf(one)) === one))
  })

  it('give texts that are read as what they are', () => {
    fc.assert(fc.property(anyAddress, (one) => tryParseIp(one) === one))
  })

  it('give one text for one address', () => {
    const same = (a: IpAddress, b: IpAddress) => Buffer.compare(octetsOf(a), octetsOf(b)) === 0
    fc.assert(fc.property(anyAddress, anyAddress, (a, b) => same(a, b) === (a === b)))
  })

  it('order addresses, IPv4 first', () => {
    const sorted = ['::1', '10.0.0.2', '9.0.0.1', '2001:db8::'].map(parseIp).sort(compareIps)
    assert.deepEqual(sorted, ['9.0.0.1', '10.0.0.2', '::1', '2001:db8::'])
  })
})

describe('kinds of addresses', () => {
  it('are told by family and loopback', () => {
    assert.deepEqual(['127.8.9.1', '::1', '10.0.0.1', '::2'].map(parseIp).map(isLoopback), [
      true,
      true,
      false,
      false,
    ])
    assert.deepEqual(['127.0.0.1', '::1'].map(parseIp).map(familyOf), [4, 6])
  })
})
