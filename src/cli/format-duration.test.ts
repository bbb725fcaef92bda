import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatDuration } from './format-duration.ts'

describe('formatDuration', () => {
  for (const [ms, want] of [
    [-5, '0 ms'],
    [0, '0 ms'],
    [999.9, '999 ms'],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_199_999, '1 h'],
    [200_000_000, '2 d'],
  ] as const) {
    it(`writes ${ms} as ${want}`, () => assert.equal(formatDuration(ms), want))
  }
})
