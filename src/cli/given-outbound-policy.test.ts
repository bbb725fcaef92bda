import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAgentSettings } from '../config/agent-settings.ts'
import { givenOutboundPolicy } from './given-outbound-policy.ts'

function given(text: string) {
  const { settings } = readAgentSettings({ env: {}, mesh: { file: 'mesh', text } })
  assert.ok(settings)
  return givenOutboundPolicy(settings).map((option) => `${String(option.value)} ${option.from()}`)
}

describe('givenOutboundPolicy', () => {
  it('tells what the mesh says, with its place', () => {
    assert.deepEqual(given('outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n'), [
      'REGISTRY_ONLY mesh:2:9 (mesh)',
    ])
  })

  it('tells nothing that nobody said', () => {
    assert.deepEqual(given('trustDomain: a.test\n'), [])
  })
})
