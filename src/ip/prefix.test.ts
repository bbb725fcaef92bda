import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from './address.ts'
import { addressAt, contains, formatPrefix, parsePrefix, sizeOf, tryParsePrefix } from './prefix.ts'

describe('parsePrefix', () => {
  const rows: readonly { readonly text: string; readonly want: string | undefined }[] = [
    { text: '240.240.0.0/16', want: '240.240.0.0/16' },
    { text: '240.240.7.9/16', want: '240.240.0.0/16' },
    { text: '2001:2::/48', want: '2001:2::/48' },
    { text: '2001:2:0:ffff::1/48', want: '2001:2::/48' },
    { text: '192.0.2.1/32', want: '192.0.2.1/32' },
    { text: '0.0.0.0/0', want: '0.0.0.0/0' },
    { text: '192.0.2.1/33', want: undefined },
    { text: '::/129', want: undefined },
    { text: '192.0.2.1', want: undefined },
    { text: '192.0.2.1/', want: undefined },
    { text: '192.0.2.1/-1', want: undefined },
    { text: '/16', want: undefined },
  ]
  for (const { text, want } of rows) {
    it(`reads ${text} as ${want ?? 'no range'}`, () => {
      const prefix = tryParsePrefix(text)
      assert.equal(prefix && formatPrefix(prefix), want)
    })
  }

  it('has an error for people behind it', () => {
    assert.throws(() => parsePrefix('240.240.0.0'), { code: 'IP_PREFIX_SYNTAX' })
  })
})

describe('a range', () => {
  it('contains its addresses, the first and the last, and those of its family only', () => {
    const prefix = parsePrefix('10.1.2.0/23')
    const inside = ['10.1.2.0', '10.1.3.255', '10.1.1.255', '10.1.4.0', '::a01:200'].map(parseIp)
    assert.deepEqual(
      inside.map((address) => contains(prefix, address)),
      [true, true, false, false, false],
    )
    assert.ok(contains(parsePrefix('0.0.0.0/0'), parseIp('255.255.255.255')))
    assert.ok(contains(parsePrefix('2001:2::/48'), parseIp('2001:2:0:ffff:ffff:ffff:ffff:ffff')))
    assert.ok(!contains(parsePrefix('2001:2::/48'), parseIp('2001:2:1::')))
  })

  it('counts its addresses', () => {
    assert.equal(sizeOf(parsePrefix('240.240.0.0/16')), 65_536n)
    assert.equal(sizeOf(parsePrefix('2001:2::/48')), 1n << 80n)
    assert.equal(addressAt(parsePrefix('240.240.0.0/16'), 257n), '240.240.1.1')
    assert.equal(addressAt(parsePrefix('2001:2::/48'), 1n), '2001:2::1')
  })
})
