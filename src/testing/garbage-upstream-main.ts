/**
 * A hostile DNS server for tests: `garbage-upstream-main.ts SEED PORT ADDRESS…`. Answers `fine.…`
 * well, and everything else with whatever comes to its mind: answers with a few octets changed,
 * noise, two answers, far too large ones, endless truncation, another name's answer, nothing.
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { frameOf } from '../serve/frame-reader.ts'
import { SeededRandom } from './seeded-random.ts'

const [seed = '0', port = '53', ...hosts] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))

/** `fine`, as a label. */
const fine = Buffer.from('\u0004fine')
const address = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 7])

/** The question, said to be an answer, with an address behind it. */
function answered(query: Uint8Array): Buffer {
  const end = endOfQuestion(query)
  const reply = Buffer.concat([query.subarray(0, end), address])
  reply[2] = (query[2] ?? 0) | 0x80
  reply[3] = 0x80
  reply.set([0, 1, 0, 0, 0, 0], 6)
  return reply
}

function nameError(query: Uint8Array): Buffer {
  const reply = Buffer.from(query.subarray(0, endOfQuestion(query)))
  reply[2] = (query[2] ?? 0) | 0x80
  reply[3] = 0x83
  reply.set([0, 0, 0, 0, 0, 0], 6)
  return reply
}

function endOfQuestion(query: Uint8Array): number {
  let at = 12
  while (at < query.length && query[at] !== 0) at += (query[at] ?? 0) + 1
  return Math.min(at + 5, query.length)
}

function mutated(reply: Buffer): Buffer {
  for (let change = 0; change <= random.below(4); change += 1) {
    // The question mostly stays, so that the rest is looked at.
    const from = random.oneIn(4) ? 2 : reply.length - address.length
    reply[from + random.below(reply.length - from)] = random.below(256)
  }
  return reply
}

function noise(query: Uint8Array, mostOctets: number): Buffer {
  const reply = Buffer.alloc(12 + random.below(mostOctets))
  random.noise(reply)
  reply.set(query.subarray(0, 2))
  return reply
}

/** What is sent back, in order. */
function replies(query: Uint8Array): readonly Uint8Array[] {
  if (query.length < 17) return []
  if (Buffer.from(query.subarray(12, 17)).equals(fine)) return [answered(query)]
  switch (random.below(24)) {
    case 0:
      return [noise(query, 512)]
    case 1:
      return [noise(query, 60_000)]
    case 2:
      return [truncated(answered(query))]
    case 3:
      return [mutated(answered(query)), answered(query), nameError(query)]
    case 4:
      return random.oneIn(8) ? [] : [nameError(query)]
    case 5:
      // A large tail that no count speaks of.
      return [Buffer.concat([answered(query), noise(query, 4_000)])]
    case 6:
    case 7:
    case 8:
    case 9:
      return [mutated(answered(query)), nameError(query)]
    default:
      return [random.oneIn(2) ? answered(query) : nameError(query)]
  }
}

function truncated(reply: Buffer): Buffer {
  reply[2] = (reply[2] ?? 0) | 0x02
  return reply
}

for (const host of hosts) {
  const udp = createSocket('udp4')
  udp.on('message', (query, from) => {
    for (const reply of replies(query)) udp.send(reply, from.port, from.address)
  })
  udp.on('error', () => {})
  udp.bind(Number(port), host)
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      for (const reply of replies(chunk.subarray(2))) {
        const frame = frameOf(reply)
        if (random.oneIn(4)) frame[1] = random.below(256)
        const cut = random.below(frame.length)
        socket.write(frame.subarray(0, cut))
        if (random.oneIn(6)) socket.destroy()
        if (!socket.destroyed) socket.write(frame.subarray(cut))
      }
      if (random.oneIn(3)) socket.end()
    })
  })
  server.listen(Number(port), host)
}
process.stdout.write('ready\n')
