import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { CodedError } from '../base/coded-error.ts'
import { familyOf } from '../ip/address.ts'
import { formatSocketAddress, type SocketAddress, socketHost } from '../ip/socket-address.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'
import { queryOf } from '../wire/query.ts'
import type { Question } from '../wire/question.ts'

/** The server said nothing, or nothing that makes sense. */
export class NoAnswerError extends CodedError {
  override readonly code = 'CLI_NO_ANSWER'

  constructor(server: SocketAddress, cause: unknown) {
    super(`no answer from ${formatSocketAddress(server)}`, {
      cause,
      hint: 'Is an agent running there? Ask files instead with -f PATH, or another server with --server.',
    })
  }
}

const timeoutMs = 2_000
const attempts = 2

/**
 * Asks a server over UDP, over TCP where the answer is cut.
 * @throws {NoAnswerError} when no answer comes in time.
 */
export async function askServer(server: SocketAddress, question: Question): Promise<Message> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0
  const edns = { udpPayloadOctets: 1_232, version: 0, dnssecOk: false, options: [] }
  const query = encodeMessage(queryOf(question, { id, edns }))
  try {
    const reply = await overUdp(server, query)
    return reply.truncated ? await overTcp(server, query) : reply
  } catch (error) {
    throw new NoAnswerError(server, error)
  }
}

async function overUdp(server: SocketAddress, query: Uint8Array): Promise<Message> {
  const socket = dgram.createSocket(familyOf(server.address) === 4 ? 'udp4' : 'udp6')
  try {
    socket.connect(server.port, socketHost(server))
    await once(socket, 'connect')
    for (let attempt = 1; ; attempt += 1) {
      socket.send(query)
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        for (;;) {
          const [octets] = (await once(socket, 'message', { signal })) as [Buffer]
          if (octets.readUInt16BE(0) === Buffer.from(query).readUInt16BE(0))
            return decodeMessage(octets)
        }
      } catch (error) {
        if (!signal.aborted || attempt === attempts) throw signal.aborted ? timedOut() : error
      }
    }
  } finally {
    socket.close()
  }
}

async function overTcp(server: SocketAddress, query: Uint8Array): Promise<Message> {
  const signal = AbortSignal.timeout(timeoutMs)
  const socket = net.connect({ host: socketHost(server), port: server.port, signal })
  try {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
    const chunks: Buffer[] = []
    for await (const chunk of socket) {
      chunks.push(chunk as Buffer)
      const octets = Buffer.concat(chunks)
      if (octets.length >= 2 && octets.length >= 2 + octets.readUInt16BE(0)) {
        return decodeMessage(octets.subarray(2, 2 + octets.readUInt16BE(0)))
      }
    }
    throw new Error('the connection ended early')
  } finally {
    socket.destroy()
  }
}

function timedOut(): Error {
  return new Error(`timed out after ${attempts} attempts of ${timeoutMs / 1_000} s`)
}
