import type { status } from '@grpc/grpc-js'
import { CodedError } from '../base/coded-error.ts'

/** A caller is to be told no, with this status and the message; other errors tell it nothing but INTERNAL. */
export abstract class RefusedCallError extends CodedError {
  abstract readonly status: status
}
