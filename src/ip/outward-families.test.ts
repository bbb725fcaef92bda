import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { describe, it } from 'node:test'
import { outwardFamilies } from './outward-families.ts'

function at(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, internal, mac: '00:00:00:00:00:00', netmask: '', cidr: null }
  return address.includes(':')
    ? { ...rest, family: 'IPv6', scopeid: 0 }
    : { ...rest, family: 'IPv4' }
}

interface Case {
  readonly name: string
  readonly addresses: readonly NetworkInterfaceInfo[]
  readonly want: readonly number[]
}

const cases: readonly Case[] = [
  { name: 'both', addresses: [at('192.0.2.1'), at('2001:db8::1')], want: [4, 6] },
  { name: 'IPv6 alone', addresses: [at('127.0.0.1', true), at('2001:db8::1')], want: [6] },
  {
    name: 'no IPv6 by a link-local address',
    addresses: [at('192.0.2.1'), at('fe80::1')],
    want: [4],
  },
  { name: 'none by loopback', addresses: [at('127.0.0.1', true), at('::1', true)], want: [] },
]

describe('outwardFamilies', () => {
  for (const { name, addresses, want } of cases) {
    it(`finds ${name}`, () => assert.deepEqual(outwardFamilies({ eth0: addresses }), want))
  }
})
