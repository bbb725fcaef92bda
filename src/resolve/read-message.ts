import { decodeMessage, type Message } from '../wire/message.ts'
import { WireFormatError } from '../wire/reader.ts'

/** The message, or `undefined` when the octets are none. */
export function tryReadMessage(octets: Uint8Array): Message | undefined {
  try {
    return decodeMessage(octets)
  } catch (error) {
    if (error instanceof WireFormatError) return undefined
    throw error
  }
}
