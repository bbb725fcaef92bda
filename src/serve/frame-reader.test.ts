import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { FrameReader, frameOf } from './frame-reader.ts'

function readAll(reader: FrameReader): string[] {
  const messages: string[] = []
  for (let frame = reader.next(); frame?.kind === 'message'; frame = reader.next()) {
    messages.push(Buffer.from(frame.octets).toString('hex'))
  }
  return messages
}

describe('FrameReader (RFC 1035 §4.2.2)', () => {
  it('gives the same messages however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
    const cuts = fc.array(fc.nat(6_000), { maxLength: 200 })
    fc.assert(
      fc.property(messages, cuts, (wanted, places) => {
        const stream = Buffer.concat(wanted.map((octets) => frameOf(octets)))
        const edges = [0, ...places.filter((at) => at < stream.length), stream.length]
        const reader = new FrameReader(300)
        const got: string[] = []
        edges.sort((a, b) => a - b)
        for (const [index, edge] of edges.entries()) {
          reader.push(stream.subarray(edges[index - 1] ?? 0, edge))
          got.push(...readAll(reader))
        }
        assert.deepEqual(
          got,
          wanted.map((octets) => Buffer.from(octets).toString('hex')),
        )
        assert.equal(reader.isReady, false)
      }),
    )
  })

  it('gives a message that came octet by octet', () => {
    const reader = new FrameReader(65_535)
    const message = Buffer.alloc(5_000, 7)
    const stream = frameOf(message)
    for (const octet of stream.subarray(0, -1)) reader.push(Uint8Array.of(octet))
    assert.equal(reader.isReady, false)
    assert.equal(reader.next(), undefined)
    reader.push(stream.subarray(-1))
    assert.deepEqual(readAll(reader), [message.toString('hex')])
  })

  it('refuses a message above the limit as soon as its length is known', () => {
    const reader = new FrameReader(20)
    reader.push(Uint8Array.of(0, 21))
    assert.equal(reader.isReady, true)
    assert.deepEqual(reader.next(), { kind: 'oversized', octets: 21 })
  })
})
