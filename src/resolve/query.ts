import type { Message } from '../wire/message.ts'
import type { Question } from '../wire/question.ts'
import type { Client } from './driver.ts'

/** A query that is being answered. */
export interface Query {
  /** As received; kept by nobody. */
  readonly octets: Uint8Array
  readonly message: Message
  readonly question: Question
  readonly client: Client
}
