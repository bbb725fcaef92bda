import assert from 'node:assert/strict'
import { it } from 'node:test'
import { noAddresses } from '../capture/address-set.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { captureSteps } from './capture-steps.ts'

it('sends every question and every connection to the sockets of the namespace', () => {
  const mesh = { virtualPrefixes: [parsePrefix('240.240.0.0/16')], addresses: noAddresses }
  const [step] = captureSteps(process.env['PATH'] ?? '', mesh)
  assert.match(step?.input ?? '', /udp dport 53 .*redirect to :15053|--dport 53 .*--to-ports 15053/)
  assert.match(
    step?.input ?? '',
    /l4proto tcp counter redirect to :15001|-p tcp .*--to-ports 15001/,
  )
})
