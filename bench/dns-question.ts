import { createSocket } from 'node:dgram'

/**
 * Asks 127.0.0.1 for the A records of a name once, without any library of ours.
 *
 * The result is the last four octets of the answer as an address, `''` for an answer without
 * records, and `undefined` when nobody answers within `timeoutMs`.
 */
export function askOnce(
  port: number,
  name: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    const finish = (answer: string | undefined) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(finish, timeoutMs, undefined)
    socket.once('error', () => finish(undefined))
    socket.once('message', (reply) => {
      finish(reply.readUInt16BE(6) === 0 ? '' : lastAddress(reply))
    })
    socket.connect(port, '127.0.0.1', () => socket.send(question(name)))
  })
}

/** Asks every few milliseconds until the answer is as wanted; the result is how long that took. */
export async function waitForAnswer(
  port: number,
  name: string,
  isWanted: (answer: string) => boolean,
): Promise<number> {
  const started = performance.now()
  for (;;) {
    const answer = await askOnce(port, name, 20)
    const elapsedMs = performance.now() - started
    if (answer !== undefined && isWanted(answer)) return elapsedMs
    if (elapsedMs > 60_000) throw new Error(`no such answer for ${name} on port ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The octets of a question for the A records of a name, without EDNS. */
export function question(name: string): Buffer {
  const header = Buffer.from('4d4401000001000000000000', 'hex')
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
  return Buffer.concat([header, ...labels, Buffer.from('0000010001', 'hex')])
}

/** Works for answers whose last record is an A record, as there is no EDNS in the question. */
function lastAddress(reply: Buffer): string {
  return reply.subarray(-4).join('.')
}
