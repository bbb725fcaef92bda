import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseIp } from '../../ip/address.ts'
import { formatRanges, markOf, parseRanges } from './address-ranges.ts'

const ips = (texts: readonly string[]) =>
  texts.map((text) => [parseIp(text), markOf(text)] as const)

describe('ranges of addresses', () => {
  it('join neighbours of both families, in whatever order they come', () => {
    const addresses = ips([
      '240.240.0.3',
      '2001:2::2',
      '240.240.0.1',
      '240.240.0.2',
      '2001:2::1',
      '10.0.0.1',
    ])
    assert.equal(
      formatRanges(addresses, 1_000).replaceAll(/ .*/g, ''),
      '10.0.0.1\n240.240.0.1-240.240.0.3\n2001:2::1-2001:2::2',
    )
  })

  it('come back as they were', () => {
    const v4 = fc.nat(3_000).map((at) => `240.240.${at >> 8}.${at & 255}`)
    const v6 = fc.nat(3_000).map((at) => `2001:2::${at.toString(16)}`)
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(v4, v6)), (texts) => {
        const addresses = ips(texts)
        const back = [...parseRanges(formatRanges(addresses, 1_000_000))]
        assert.deepEqual(new Map(back), new Map(addresses))
        assert.equal(back.length, addresses.length)
      }),
    )
  })

  it('say too many rather than too few where there is no room', () => {
    const addresses = ips(
      Array.from({ length: 500 }, (_, at) => `10.0.${at >> 6}.${(at & 63) * 4}`),
    )
    const text = formatRanges(addresses, 300)
    assert.ok(text.length <= 300)
    const back = new Map(parseRanges(text))
    assert.ok(addresses.every(([address]) => back.get(address) === 0))
  })

  it('leave out lines that are no range, and end somewhere', () => {
    const text = 'x\n::1-1.2.3.4\n1.2.3.9-1.2.3.4\n\n 10.0.0.1 \n0.0.0.0-255.255.255.255'
    const back = [...parseRanges(text)]
    assert.deepEqual(back[0], ['10.0.0.1', 0])
    assert.equal(back.length, 200_000)
  })
})
