import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { EntryTable } from './entry-table.ts'
import { ledgerOf } from './standing-ledger.ts'

const owner = 'default/a.io' as VirtualOwner
const address = parseIp('240.240.0.1')
const wallMs = Date.UTC(2026, 0, 1)
const restMs = 600_000

interface Case {
  readonly name: string
  readonly untilMs: number
  readonly want: number | undefined
}

const cases: readonly Case[] = [
  { name: 'goes on as long as it was to', untilMs: wallMs + 1_000, want: wallMs + 1_000 },
  { name: 'is over when it was to be', untilMs: wallMs, want: undefined },
  {
    name: 'is no longer than any, though the clock of the last leader was years ahead',
    untilMs: Date.UTC(2036, 0, 1),
    want: wallMs + restMs,
  },
]

describe('the rest of an address under a new leader', () => {
  for (const { name, untilMs, want } of cases) {
    it(name, () => {
      const record = { given: [], resting: new Map([[address, { owner, untilMs }]]) }
      const known = { seen: new Map(), wallMs, untilMs: wallMs + restMs }
      const { resting } = ledgerOf(new EntryTable(), record, known)
      assert.equal(resting.get(address)?.untilMs, want)
    })
  }
})
