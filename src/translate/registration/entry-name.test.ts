import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../../ip/address.ts'
import { registrant } from '../../testing/registration.ts'
import { isObjectName } from '../object-meta.ts'
import { entryName } from './entry-name.ts'

interface Case {
  readonly name: string
  readonly group?: string
  readonly address: string
  readonly network?: string
  readonly want: string
}

const long = 'g'.repeat(250)

const cases: readonly Case[] = [
  { name: 'an IPv4 address', address: '10.0.0.7', want: 'vms-10.0.0.7' },
  { name: 'a network', address: '10.0.0.7', network: 'nw1', want: 'vms-10.0.0.7-nw1' },
  { name: 'an empty network', address: '10.0.0.7', network: '', want: 'vms-10.0.0.7' },
  { name: 'an IPv6 address', address: '2001:db8::7', want: 'vms-2001-db8--7' },
  { name: 'an IPv6 address that ends in a colon', address: '2001:db8::', want: 'vms-2001-db8--0' },
  {
    name: 'the last 253 characters of more',
    group: long,
    address: '10.0.0.7',
    want: `${long}-10.0.0.7`.slice(-253),
  },
  {
    name: 'no hyphen or dot at the cut',
    address: '1.2.3.4',
    network: 'n'.repeat(246),
    want: `2.3.4-${'n'.repeat(246)}`,
  },
]

describe('entryName', () => {
  for (const { name, group = 'vms', address, network, want } of cases) {
    it(`takes ${name}`, () => {
      const facts = {
        group,
        address: parseIp(address),
        ...(network === undefined ? {} : { network }),
      }
      const made = entryName(registrant(facts))
      assert.equal(made, want)
      assert.ok(isObjectName(made))
    })
  }
})
