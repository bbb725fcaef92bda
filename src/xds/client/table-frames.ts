import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** A frame is not what was once written. */
export class FrameDamagedFault extends Error {}

/** Length, length again as a check of itself, and checksum of what follows; four octets each. */
const headOctets = 12
const lengthMark = 0x4d_44_4e_53
const readOctets = 1024 * 1024
const maxFrameOctets = 512 * 1024 * 1024

export interface Frame {
  readonly payload: Buffer
  /** Offset of the first octet after it. */
  readonly end: number
}

/** One payload with what is needed to find its end, and its faults. */
export function encodeFrame(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headOctets + payload.length)
  frame.writeUInt32LE(payload.length, 0)
  frame.writeUInt32LE((payload.length ^ lengthMark) >>> 0, 4)
  frame.writeUInt32LE(crc32(payload), 8)
  frame.set(payload, headOctets)
  return frame
}

/**
 * Reads a file frame by frame, from its beginning.
 *
 * What a crash left of the last frame is passed over: nothing was said about it yet.
 * @throws {FrameDamagedFault} when a frame is not what was written.
 */
export async function* readFrames(handle: FileHandle): AsyncGenerator<Frame> {
  const { size } = await handle.stat()
  let buffer = Buffer.alloc(0)
  let start = 0
  while (start < size) {
    buffer = await fill(handle, buffer, { from: start, octets: headOctets })
    if (buffer.length < headOctets) return
    const length = buffer.readUInt32LE(0)
    const mark = buffer.readUInt32LE(4)
    // A file system may have made room for a frame that it never got.
    if (length === 0 && mark === 0) return
    if (length > maxFrameOctets || (length ^ lengthMark) >>> 0 !== mark) {
      throw new FrameDamagedFault(`at octet ${start} there is no frame`)
    }
    const checksum = buffer.readUInt32LE(8)
    const end = start + headOctets + length
    if (end > size) return
    buffer = await fill(handle, buffer, { from: start, octets: headOctets + length })
    const payload = buffer.subarray(headOctets, headOctets + length)
    if (crc32(payload) !== checksum) {
      if (end === size) return
      throw new FrameDamagedFault(`the frame at octet ${start} has a wrong checksum`)
    }
    yield { payload, end }
    buffer = buffer.subarray(headOctets + length)
    start = end
  }
}

/** What is there from an offset on: at least so many octets unless the file ends before. */
async function fill(
  handle: FileHandle,
  held: Buffer<ArrayBuffer>,
  { from, octets }: { readonly from: number; readonly octets: number },
): Promise<Buffer<ArrayBuffer>> {
  if (held.length >= octets) return held
  const buffer = Buffer.allocUnsafe(Math.max(octets, readOctets))
  held.copy(buffer)
  let filled = held.length
  while (filled < octets) {
    const room = buffer.length - filled
    const { bytesRead } = await handle.read(buffer, filled, room, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
