import assert from 'node:assert/strict'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { encodeFrame, readFrames } from './table-frames.ts'

const one = encodeFrame(Buffer.from('one'))
const two = encodeFrame(Buffer.from('two'))
const large = encodeFrame(Buffer.alloc(3_000_000, 'x'))

interface Case {
  readonly name: string
  readonly octets: Buffer
  /** Sizes of the payloads that are read. */
  readonly want: readonly number[]
  readonly fault?: RegExp
}

const cases: readonly Case[] = [
  { name: 'an empty file has none', octets: Buffer.alloc(0), want: [] },
  { name: 'two frames', octets: Buffer.concat([one, two]), want: [3, 3] },
  {
    name: 'a frame larger than what is read at a time',
    octets: Buffer.concat([one, large, two]),
    want: [3, 3_000_000, 3],
  },
  {
    name: 'the last frame is cut in its head',
    octets: Buffer.concat([one, two.subarray(0, 7)]),
    want: [3],
  },
  {
    name: 'the last frame is cut in its payload',
    octets: Buffer.concat([one, two.subarray(0, -1)]),
    want: [3],
  },
  {
    name: 'room for a frame that was never written',
    octets: Buffer.concat([one, Buffer.alloc(500)]),
    want: [3],
  },
  {
    name: 'the last frame was written in part',
    octets: Buffer.concat([one, changed(two, 13)]),
    want: [3],
  },
  {
    name: 'another octet inside a payload',
    octets: Buffer.concat([changed(one, 13), two]),
    want: [],
    fault: /wrong checksum/,
  },
  {
    name: 'another octet inside a length',
    octets: Buffer.concat([one, changed(two, 2), one]),
    want: [3],
    fault: /octet 15 there is no frame/,
  },
  { name: 'another kind of file', octets: Buffer.from('{"version":1}\n'), want: [], fault: /./ },
]

describe('readFrames', () => {
  for (const { name, octets, want, fault } of cases) {
    it(name, async (test) => {
      const read: number[] = []
      const reading = readAll(test, octets, read)
      await (fault ? assert.rejects(reading, fault) : reading)
      assert.deepEqual(read, want)
    })
  }
})

async function readAll(test: TestContext, octets: Buffer, read: number[]): Promise<void> {
  const file = join(await temporaryFolder(test), 'frames')
  await writeFile(file, octets)
  const handle = await open(file, 'r')
  test.after(() => handle.close())
  for await (const { payload } of readFrames(handle)) read.push(payload.length)
}

function changed(frame: Buffer, offset: number): Buffer {
  const copy = Buffer.from(frame)
  copy[offset] = (copy[offset] ?? 0) ^ 0x10
  return copy
}
