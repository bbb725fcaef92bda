import assert from 'node:assert/strict'
import { endianness } from 'node:os'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { conntrackRequest, readOriginalDestination, sequenceOf } from './conntrack-message.ts'

const skip = endianness() === 'BE' ? 'written down for little-endian machines' : false

/** What a kernel sent for a question from 10.0.0.5:4660 to 10.0.0.53:53, redirected to 127.0.0.1:15053. */
const answer = octets(`
  68000000 00010000 07000000 00000000  02000002
  34000180 14000180 08000100 0a000005 08000200 0a000035
  1c000280 05000100 11000000 06000200 12340000 06000300 00350000
  08000300 00000188 06001200 00020000
  10000480 0c000180 05000100 00000000`)

function octets(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
}

describe('conntrackRequest', () => {
  it('asks for the reply tuple', { skip }, () => {
    const source = { octets: Uint8Array.of(127, 0, 0, 1), port: 15053 }
    const request = conntrackRequest(
      { source, destination: { octets: Uint8Array.of(10, 0, 0, 5), port: 4660 } },
      7,
    )
    assert.equal(
      Buffer.from(request).toString('hex'),
      octets(`
        48000000 0101 0100 07000000 00000000  02000000
        34000280 14000180 08000100 7f000001 08000200 0a000005
        1c000280 05000100 11000000 06000200 3acd0000 06000300 12340000`).toString('hex'),
    )
  })
})

describe('readOriginalDestination', () => {
  it('finds where the datagram was going', { skip }, () => {
    assert.equal(sequenceOf(answer), 7)
    assert.deepEqual(readOriginalDestination(answer), {
      octets: Uint8Array.of(10, 0, 0, 53),
      port: 53,
    })
  })

  it('has nothing to say of an error', { skip }, () => {
    const error = octets(
      '24000000 02000000 07000000 00000000 feffffff 50000000 01010100 07000000 00000000',
    )
    assert.equal(readOriginalDestination(error), undefined)
  })

  it('never fails, whatever it reads', () => {
    const mutated = fc
      .tuple(fc.nat(answer.length - 1), fc.nat(255), fc.nat(answer.length))
      .map(([at, value, length]) => {
        const copy = Buffer.from(answer)
        copy[at] = value
        return copy.subarray(0, length)
      })
    fc.assert(
      fc.property(mutated, (message) => {
        const found = readOriginalDestination(message)
        assert.ok(found === undefined || (found.port >= 0 && found.port <= 65535))
      }),
      { numRuns: 5000 },
    )
  })
})
