/**
 * Clients for tests, as applications are: `patient-prober-main.ts SERVER PAGE_ADDRESS NAME…`. Asks for A records of the names in turn
 * over UDP and over TCP, and fetches the page at the address. What fails or takes longer than its time-out is tried once more, and
 * is lost when that fails, too. Prints `ready`; and at SIGUSR2 `settled`, as soon as what it has asked by then has come to its
 * end. SIGTERM ends it, and it prints a line for each of `udp`, `tcp` and `page`: `KIND tried COUNT again COUNT lost COUNT`.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

const [server = '', pageAddress = '', ...names] = process.argv.slice(2)
let asked = 0

/** Far longer than an agent takes to start, so that only what is refused or lost counts. */
const timeoutMs = 30_000
const kinds = [
  { name: 'udp', everyMs: 50, attempt: askByUdp },
  { name: 'tcp', everyMs: 200, attempt: askByTcp },
  { name: 'page', everyMs: 200, attempt: fetchPage },
] as const

const open = new Set<Promise<void>>()
const stopped = once(process, 'SIGTERM')
process.on('SIGUSR2', () => {
  void Promise.all(open).then(() => process.stdout.write('settled\n'))
})
process.stdout.write('ready\n')
const lines = await Promise.all(
  kinds.map(async ({ name, everyMs, attempt }) => {
    const counts = { tried: 0, again: 0, lost: 0 }
    const client = async () => {
      counts.tried += 1
      if (await succeeds(attempt(AbortSignal.timeout(timeoutMs)))) return
      counts.again += 1
      if (!(await succeeds(attempt(AbortSignal.timeout(timeoutMs))))) counts.lost += 1
    }
    const timer = setInterval(() => {
      const done = client().finally(() => open.delete(done))
      open.add(done)
    }, everyMs)
    await stopped
    clearInterval(timer)
    await Promise.all(open)
    return `${name} tried ${counts.tried} again ${counts.again} lost ${counts.lost}\n`
  }),
)
process.stdout.write(lines.join(''))

async function succeeds(attempt: Promise<boolean>): Promise<boolean> {
  return attempt.catch(() => false)
}

/** A refusal (ICMP) ends the attempt, since the socket is connected. */
async function askByUdp(signal: AbortSignal): Promise<boolean> {
  const socket = dgram.createSocket('udp4')
  socket.on('error', () => {})
  try {
    socket.connect(53, server)
    await once(socket, 'connect', { signal })
    const answer = once(socket, 'message', { signal })
    socket.send(nextQuery())
    const [octets] = (await answer) as [Uint8Array]
    return isAnswer(octets)
  } finally {
    socket.close()
  }
}

async function askByTcp(signal: AbortSignal): Promise<boolean> {
  const query = nextQuery()
  const length = Buffer.from([query.length >> 8, query.length & 0xff])
  const octets = await exchange(53, server, { send: Buffer.concat([length, query]), signal })
  return isAnswer(octets.subarray(2))
}

async function fetchPage(signal: AbortSignal): Promise<boolean> {
  const send = Buffer.from('GET / HTTP/1.1\r\nHost: auto.mesh.test\r\nConnection: close\r\n\r\n')
  const octets = await exchange(80, pageAddress, { send, signal })
  return octets.toString().includes('page auto.mesh.test')
}

/** All that comes for what is sent, until the other end has said everything. */
async function exchange(
  port: number,
  host: string,
  { send, signal }: { readonly send: Uint8Array; readonly signal: AbortSignal },
): Promise<Buffer> {
  const socket = net.connect({ port, host, signal })
  try {
    socket.end(send)
    const pieces: Buffer[] = []
    for await (const piece of socket) pieces.push(piece as Buffer)
    return Buffer.concat(pieces)
  } finally {
    socket.destroy()
  }
}

function nextQuery(): Uint8Array {
  const name = names[asked % names.length] ?? ''
  asked += 1
  const words = { name: parseName(`${name}.`), type: recordType.A, class: recordClass.IN }
  return encodeMessage(queryOf(words, { id: asked & 0xffff }))
}

function isAnswer(octets: Uint8Array): boolean {
  return decodeMessage(octets).answers.some(({ data }) => data.kind === 'A')
}
