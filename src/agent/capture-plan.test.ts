import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPrefix } from '../ip/prefix.ts'
import { forgottenRanges } from './capture-plan.ts'
import { AgentOptions } from './options.ts'

const cases: readonly {
  readonly name: string
  readonly includedRanges: readonly string[]
  readonly want: readonly string[]
}[] = [
  { name: 'nobody who named no range', includedRanges: [], want: [] },
  { name: 'nobody who named all', includedRanges: ['*'], want: [] },
  {
    name: 'both ranges',
    includedRanges: ['10.0.0.0/8'],
    want: ['240.240.0.0/16', '2001:2::/48'],
  },
  { name: 'one range', includedRanges: ['10.0.0.0/8', '240.0.0.0/4'], want: ['2001:2::/48'] },
  { name: 'none that is named itself', includedRanges: ['240.240.0.0/16', '::/0'], want: [] },
]

describe('the virtual ranges that were forgotten', () => {
  for (const { name, includedRanges, want } of cases) {
    it(`are those of ${name}`, () => {
      const options = AgentOptions.parse({ capture: { includedRanges } })
      assert.deepEqual(forgottenRanges(options).map(formatPrefix), want)
    })
  }
})
