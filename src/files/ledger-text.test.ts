import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import { ipFromOctets } from '../ip/address.ts'
import { virtualOwner } from '../registry/virtual-addresses.ts'
import { hostname } from '../testing/mesh.ts'
import { formatLedger, parseLedger } from './ledger-text.ts'

const address = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(ipFromOctets)
const owner = fc.nat(1_000).map((one) => virtualOwner('ns1', hostname(`host${one}.test`)))

const anyLedger: fc.Arbitrary<Ledger> = fc.record(
  {
    held: fc
      .array(
        fc.tuple(
          owner,
          fc.record(
            { v4: address(4), v6: address(16) },
            { requiredKeys: [], noNullPrototype: true },
          ),
        ),
      )
      .map((entries) => new Map(entries)),
    resting: fc
      .array(
        fc.tuple(
          fc.oneof(address(4), address(16)),
          fc.record({ owner, untilMs: fc.nat() }, { noNullPrototype: true }),
        ),
      )
      .map((entries) => new Map(entries)),
  },
  { noNullPrototype: true },
)

interface Case {
  readonly name: string
  readonly text: string
  readonly want: ReturnType<typeof parseLedger>
}

const notARecord = { kind: 'damaged', reason: 'it is not a record of addresses' } as const
const pair = { owner: 'ns1/a.test', v4: '240.240.0.1' }

const cases: readonly Case[] = [
  { name: 'an empty file', text: '', want: notARecord },
  { name: 'half a file', text: formatLedger(emptyLedger).slice(0, 40), want: notARecord },
  { name: 'other JSON', text: '{"a":1}', want: notARecord },
  {
    name: 'no ledger inside',
    text: '{"version":1,"checksum":""}',
    want: notARecord,
  },
  {
    name: 'a changed address',
    text: signed({ held: [pair], resting: [] }).replace('240.240.0.1', '240.240.0.2'),
    want: { kind: 'damaged', reason: 'its checksum does not match' },
  },
  {
    name: 'an address of the wrong family',
    text: signed({ held: [{ ...pair, v4: '2001:2::1' }], resting: [] }),
    want: { kind: 'damaged', reason: 'held.0.v4: not an IPv4 address' },
  },
  {
    name: 'an owner that is none',
    text: signed({ held: [{ owner: 'a.test' }], resting: [] }),
    want: { kind: 'damaged', reason: 'held.0.owner: not NAMESPACE/HOST' },
  },
  {
    name: 'a later version, whatever it looks like inside',
    text: '{"version":2,"checksum":"none","ledger":[]}',
    want: { kind: 'newer', version: 2 },
  },
]

describe('parseLedger', () => {
  for (const { name, text, want } of cases) {
    it(name, () => {
      assert.deepEqual(parseLedger(text), want)
    })
  }

  it('takes what formatLedger wrote, in its order', () => {
    fc.assert(
      fc.property(anyLedger, (ledger) => {
        const read = parseLedger(formatLedger(ledger))
        assert.deepEqual(read, { kind: 'ledger', ledger })
        assert.ok(read.kind === 'ledger')
        assert.deepEqual([...read.ledger.held.keys()], [...ledger.held.keys()])
      }),
    )
  })

  it('takes the file however its white space was changed', () => {
    const text = signed({ held: [pair], resting: [] })
    assert.equal(parseLedger(JSON.stringify(JSON.parse(text), undefined, 4)).kind, 'ledger')
  })

  it('never throws, and never takes a text that was changed', () => {
    const text = signed({ held: [pair], resting: [] })
    fc.assert(
      fc.property(fc.nat(text.length - 2), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
        const read = parseLedger(changed)
        assert.ok(changed === text || read.kind !== 'ledger')
      }),
    )
  })
})

/** A file with a right checksum and any content. */
function signed(ledger: object): string {
  const digest = createHash('sha256').update(JSON.stringify(ledger)).digest('hex')
  return JSON.stringify({ version: 1, checksum: `sha256:${digest}`, ledger })
}
