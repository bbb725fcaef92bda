import net from 'node:net'

const sslRequest = 80_877_103
const gssRequest = 80_877_104

/**
 * A server that `psql` takes for PostgreSQL (protocol 3.0): it lets everybody in, and answers every
 * query with one row, its own name.
 */
export function createPostgresServer(name: string): net.Server {
  return net.createServer((client) => {
    let held = Buffer.alloc(0)
    let isStarted = false
    client.on('error', () => client.destroy())
    client.on('data', (octets) => {
      held = Buffer.concat([held, octets])
      for (;;) {
        // The first messages of a client have no type in front of their length.
        const at = isStarted ? 1 : 0
        if (held.length < at + 4 || held.length < at + held.readUInt32BE(at)) return
        const end = at + held.readUInt32BE(at)
        const message = held.subarray(0, end)
        held = held.subarray(end)
        if (isStarted) client.write(answerTo(message, name))
        else isStarted = greet(client, message)
      }
    })
  })
}

/** Answers what comes before a session; true when that was its start. */
function greet(client: net.Socket, message: Buffer): boolean {
  const code = message.readUInt32BE(4)
  if (code === sslRequest || code === gssRequest) {
    client.write('N')
    return false
  }
  client.write(Buffer.concat([packet('R', uint32(0)), readyForQuery]))
  return true
}

function answerTo(message: Buffer, name: string): Buffer {
  if (String.fromCharCode(message[0] ?? 0) !== 'Q') return Buffer.alloc(0)
  const value = Buffer.from(name)
  return Buffer.concat([
    packet('T', uint16(1), Buffer.from('name\0'), textColumn),
    packet('D', uint16(1), uint32(value.length), value),
    packet('C', Buffer.from('SELECT 1\0')),
    readyForQuery,
  ])
}

/** Of no table, of type `text` (25) and variable length, as text. */
const textColumn = Buffer.from(
  '00000000 0000 00000019 ffff ffffffff 0000'.replaceAll(' ', ''),
  'hex',
)

const readyForQuery = packet('Z', Buffer.from('I'))

function packet(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), uint32(body.length + 4), body])
}

function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2)
  octets.writeUInt16BE(value)
  return octets
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}
