import { inspect } from 'node:util'
import { CodedError } from '../base/coded-error.ts'

/** An error as every output form shows it. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  /** From the nearest cause to the first. */
  readonly causes: readonly string[]
  readonly hint?: string
}

/** What to tell of a failure; one that nobody expected is ours, and says so. */
export function reportOf(error: unknown): ErrorReport {
  const causes = error instanceof Error ? causesOf(error) : []
  if (error instanceof CodedError) {
    const { code, message, hint } = error
    return hint === undefined ? { code, message, causes } : { code, message, causes, hint }
  }
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : inspect(error),
    causes,
    hint: 'This is a defect of meshdns; please report it with the lines above.',
  }
}

/** `error[CODE]: message`, the causes, then `hint:`; ends in a line feed. */
export function formatError({ code, message, causes, hint }: ErrorReport): string {
  // Some messages end in what caused them.
  const told = [message, ...causes]
  const news = causes.filter((cause, at) => !told[at]?.endsWith(cause))
  const lines = [`error[${code}]: ${message}`, ...news.map((cause) => `  caused by: ${cause}`)]
  if (hint !== undefined) lines.push(`hint: ${hint}`)
  return `${lines.join('\n')}\n`
}

/** Messages of what led to an error, from the nearest to the first. */
export function causesOf(error: { readonly cause?: unknown }): string[] {
  const causes: string[] = []
  let { cause } = error
  while (cause !== undefined && causes.length < 8) {
    causes.push(cause instanceof Error ? cause.message : inspect(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}
