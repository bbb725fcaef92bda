import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Hostname } from '../registry/hostname.ts'
import { readServerName } from './server-name.ts'

/** A client that has said no name by then will not. */
const maximumOctets = 16_384

export interface Peeked {
  /** `undefined` when the client speaks something else, is silent, or names no host. */
  readonly name: Hostname | undefined
  /** What was read; the endpoint must get it first. */
  readonly head: Buffer
}

/**
 * Reads from a paused client until it has named its server, and pauses it again.
 *
 * Resolves also when the client ends, breaks off or stays silent for `timeoutMs`.
 */
export function peekServerName(client: Socket, clock: Clock, timeoutMs: number): Promise<Peeked> {
  return new Promise((resolve) => {
    let head: Buffer = Buffer.alloc(0)
    const finish = (name: Hostname | undefined) => {
      cancel()
      client.pause()
      client.off('data', take).off('end', giveUp).off('close', giveUp)
      resolve({ name, head })
    }
    const giveUp = () => finish(undefined)
    const take = (chunk: Buffer) => {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      const peeked = readServerName(head)
      if (peeked.kind === 'name') finish(peeked.name)
      else if (peeked.kind === 'none' || head.length >= maximumOctets) giveUp()
    }
    const cancel = clock.after(timeoutMs, giveUp)
    client.on('data', take).once('end', giveUp).once('close', giveUp)
    client.resume()
  })
}
