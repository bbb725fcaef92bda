import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  formatSocketAddress,
  parseSocketAddress,
  socketAddressOf,
  socketHost,
  socketOctetsOf,
} from './socket-address.ts'

describe('parseSocketAddress', () => {
  for (const text of ['127.0.0.1:15053', '[::1]:53', '[fe80::1%eth0]:53', '0.0.0.0:0']) {
    it(`reads and writes ${text}`, () => {
      assert.equal(formatSocketAddress(parseSocketAddress(text)), text)
    })
  }

  for (const text of ['127.0.0.1', '::1:53', '[127.0.0.1]:53', '127.0.0.1:65536', 'a:53', ':53']) {
    it(`refuses ${text}`, () => {
      assert.throws(() => parseSocketAddress(text), { code: 'IP_SOCKET_ADDRESS_SYNTAX' })
    })
  }

  it('keeps the zone where Node wants it', () => {
    assert.equal(socketHost(parseSocketAddress('[fe80::1%eth0]:53')), 'fe80::1%eth0')
    assert.equal(socketHost(parseSocketAddress('192.0.2.1:53')), '192.0.2.1')
  })
})

describe('the kernel’s way of writing it', () => {
  it('has 4 octets for IPv4, mapped or not, and 16 for IPv6', () => {
    const octets = (text: string) => socketOctetsOf(parseSocketAddress(text)).octets.length
    assert.deepEqual(
      ['192.0.2.1:1', '[::ffff:c000:201]:1', '[2001:db8::1]:1'].map(octets),
      [4, 4, 16],
    )
  })

  it('comes back', () => {
    for (const text of ['192.0.2.1:53', '[2001:db8::1]:53']) {
      const back = socketAddressOf(socketOctetsOf(parseSocketAddress(text)))
      assert.equal(formatSocketAddress(back), text)
    }
  })
})
