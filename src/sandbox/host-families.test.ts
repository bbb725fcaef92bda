import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hostFamilies } from './host-families.ts'

it('takes a machine without a network for one with IPv4', () => {
  assert.deepEqual(hostFamilies({}), [4])
})
