import { type QueryAnswered, queryAnswered } from '../base/events.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { formatRcode } from '../wire/rcode.ts'
import { formatRecordType } from '../wire/record-type.ts'
import type { Client, Transport } from './driver.ts'
import type { Query } from './query.ts'
import { tryReadMessage } from './read-message.ts'

/** A client whose answers are told to whoever listens for them. */
export class ObservedClient implements Client {
  readonly transport: Transport
  readonly #query: Query
  readonly #askedMs: number
  readonly #nowMs: () => number

  constructor(query: Query, nowMs: () => number) {
    this.transport = query.client.transport
    this.#query = query
    this.#nowMs = nowMs
    this.#askedMs = nowMs()
  }

  describe(): string {
    return this.#query.client.describe()
  }

  originalServer(): SocketAddress | undefined {
    return this.#query.client.originalServer()
  }

  reply(octets: Uint8Array): void {
    const answer = tryReadMessage(octets)
    const { question, client } = this.#query
    const event: QueryAnswered = {
      client: client.describe(),
      name: question.name,
      type: formatRecordType(question.type),
      rcode: answer ? formatRcode(answer.rcode) : 'unreadable',
      from: answer?.authoritative ? 'mesh' : 'upstream',
      durationMs: this.#nowMs() - this.#askedMs,
    }
    client.reply(octets)
    queryAnswered.publish(event)
  }
}
