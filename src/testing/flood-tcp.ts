import { connect, type Socket } from 'node:net'
import type { SocketAddress } from '../ip/socket-address.ts'
import { frameOf } from '../serve/frame-reader.ts'
import type { HostileDatagrams } from './hostile-datagrams.ts'
import { queryOctets } from './resolver-rig.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Connections at one time: fewer than a server allows to one client. */
const abreast = 32
/** Frames on one connection, at most. */
const mostFrames = 12

interface Hostility {
  readonly random: SeededRandom
  readonly hostile: HostileDatagrams
}

/**
 * Sends bad frames over many connections: lengths that lie, frames cut into pieces, ends in the
 * middle, resets. Each connection goes on when the one before it in its row is over. Returns how
 * many good questions, asked on connections of their own in between, were not answered.
 */
export async function floodTcp(
  to: SocketAddress,
  total: number,
  { random, hostile }: Hostility,
): Promise<number> {
  let sent = 0
  let unanswered = 0
  async function row(): Promise<void> {
    while (sent < total) {
      const frames = 1 + random.below(mostFrames)
      sent += frames
      await abuse(connectTo(to), framesOf(frames, { random, hostile }), random)
      if (random.oneIn(16) && !(await isAnswered(connectTo(to)))) unanswered += 1
    }
  }
  await Promise.all(Array.from({ length: abreast }, row))
  process.stdout.write(`sent ${sent}\n`)
  return unanswered
}

function framesOf(count: number, { random, hostile }: Hostility): Buffer {
  const frames = Array.from({ length: count }, () => {
    const octets = hostile.next().slice()
    if (random.oneIn(10)) return octets
    const frame = frameOf(octets)
    if (random.oneIn(10)) frame[1] = random.below(256)
    if (random.oneIn(40)) frame[0] = random.below(256)
    return frame
  })
  return Buffer.concat(frames)
}

/** Writes the octets in pieces, then waits for the end, or makes one. */
async function abuse(socket: Socket, octets: Buffer, random: SeededRandom): Promise<void> {
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const pieces = random.oneIn(2) ? 1 : 1 + random.below(20)
  for (let at = 0; at < octets.length; ) {
    const size = pieces === 1 ? octets.length : 1 + random.below((2 * octets.length) / pieces)
    const piece = octets.subarray(at, at + size)
    at += size
    const isWritten = new Promise<void>((resolve) => socket.write(piece, () => resolve()))
    await Promise.race([isWritten, ended])
  }
  // Where a frame is not complete the server waits for more; not everyone waits with it.
  const ways = [() => socket.destroy(), () => socket.resetAndDestroy(), () => socket.end()]
  random.pick(ways)()
  await ended
}

async function isAnswered(socket: Socket): Promise<boolean> {
  const answered = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  socket.write(frameOf(queryOctets('auto.mesh.test A')))
  const result = await answered
  socket.destroy()
  return result
}

function connectTo({ address, port }: SocketAddress): Socket {
  const socket = connect({ port, host: address, noDelay: true })
  socket.on('error', () => socket.destroy())
  socket.resume()
  return socket
}
