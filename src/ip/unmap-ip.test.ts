import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseIp, unmapIp } from './address.ts'

it('an IPv4-mapped address is unmapped, and no other', () => {
  const texts = ['::ffff:10.0.0.5', '10.0.0.5', '::ffff:0:5', '::ffff:0:0:5', '::ffff:1:2:3', '::1']
  assert.deepEqual(
    texts.map((text) => unmapIp(parseIp(text))),
    ['10.0.0.5', '10.0.0.5', '0.0.0.5', '::ffff:0:0:5', '::ffff:1:2:3', '::1'],
  )
})
