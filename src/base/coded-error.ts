interface CodedErrorOptions {
  readonly cause?: unknown
  /** What to do about it, with the option or command by name. */
  readonly hint?: string
}

/**
 * An expected failure: it has a code that programs may match on and, mostly, a hint for people.
 *
 * Codes never change; messages may.
 */
export abstract class CodedError extends Error {
  abstract readonly code: string
  readonly hint: string | undefined

  constructor(message: string, options: CodedErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.hint = options.hint
  }
}
