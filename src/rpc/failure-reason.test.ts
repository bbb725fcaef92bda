import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failureReason } from './failure-reason.ts'

interface Case {
  readonly name: string
  readonly details: string
  readonly want: string
}

const cases: readonly Case[] = [
  {
    name: 'a refused connection',
    details:
      'No connection established. Last error: Error: connect ECONNREFUSED 192.0.2.10:15012. Resolution note: ',
    want: 'connect ECONNREFUSED 192.0.2.10:15012',
  },
  {
    name: 'a failed handshake',
    details:
      'No connection established. Last error: Error: self-signed certificate in certificate chain. Resolution note: ',
    want: 'self-signed certificate in certificate chain',
  },
  { name: 'anything else', details: 'Connection dropped', want: 'Connection dropped' },
]

describe('failureReason', () => {
  for (const { name, details, want } of cases) {
    it(`says why: ${name}`, () => assert.equal(failureReason(details), want))
  }
})
