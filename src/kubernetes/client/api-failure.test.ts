import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiFailure, leaveAloneMs } from './api-failure.ts'

const failure = (more: object) =>
  new ApiFailure('GET /api', { status: 429, reason: '', message: 'busy', ...more })

interface Case {
  readonly name: string
  readonly error: unknown
  readonly want: number
}

const cases: readonly Case[] = [
  { name: 'as it says', error: failure({ retryAfterMs: 300_000 }), want: 300_000 },
  {
    name: 'for five minutes at most',
    error: failure({ retryAfterMs: 300_001 }),
    want: 300_000,
  },
  { name: 'not at all when it says nothing', error: failure({}), want: 0 },
  { name: 'not at all when nothing is known of it', error: new Error('no'), want: 0 },
]

describe('a server that failed is left alone', () => {
  for (const { name, error, want } of cases) {
    it(name, () => assert.equal(leaveAloneMs(error), want))
  }
})
