import type { z } from 'zod'
import { CodedError } from '../base/coded-error.ts'
import { formatSocketAddress, parseSocketAddress } from '../ip/socket-address.ts'
import type { Invocation, OptionSpec } from './command.ts'

/** The controller's pages cannot be had. */
export class ControllerUnreachableError extends CodedError {
  override readonly code = 'CLI_CONTROLLER_UNREACHABLE'

  constructor(url: string, why: { readonly cause: unknown } | { readonly status: number }) {
    const status = 'status' in why ? `: it says ${why.status}` : ''
    super(`no controller shows ${url}${status}`, {
      ...('cause' in why ? { cause: why.cause } : {}),
      hint:
        'Is `meshdns controller` running there? Name the address of its pages with --controller ADDRESS:PORT ' +
        '(its admin.address, 127.0.0.1:15014 when not told); they are only for callers on the same machine.',
    })
  }
}

/** What answered is a controller of another version, or none. */
export class ControllerAnswerError extends CodedError {
  override readonly code = 'CLI_CONTROLLER_ANSWER'

  constructor(url: string, cause: unknown) {
    super(`${url} does not show what a controller should`, {
      cause,
      hint: 'Name a meshdns controller of the same version with --controller ADDRESS:PORT.',
    })
  }
}

const defaultController = '127.0.0.1:15014'

/** Which controller is asked by commands that can do nothing else. */
export const controllerOption: OptionSpec = {
  flags: '--controller <address:port>',
  summary: 'controller to ask, where its pages are',
  env: 'MESHDNS_CONTROLLER_PAGES',
  fallback: defaultController,
}

/** For commands that read files when no controller is named. */
export const controllerInsteadOption: OptionSpec = {
  flags: '--controller <address:port>',
  summary: `controller to ask instead of files, where its pages are, such as ${defaultController}`,
}

const timeoutMs = 60_000

/**
 * What a page of the controller holds.
 * @throws {AddressSyntaxError} when the option is no address.
 * @throws {ControllerUnreachableError} when nobody shows the page.
 * @throws {ControllerAnswerError} when it holds something else.
 */
export async function askController<T extends z.ZodType>(
  { options }: Invocation,
  path: string,
  page: T,
): Promise<z.output<T>> {
  const named = options.text('controller') ?? defaultController
  const where = parseSocketAddress(named.replace(/^localhost:/, '127.0.0.1:'))
  const url = `http://${formatSocketAddress(where)}${path}`
  const value = await readJson(url)
  const { success, data, error } = page.safeParse(value)
  if (success) return data
  throw new ControllerAnswerError(url, error)
}

async function readJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new ControllerUnreachableError(url, { cause: reasonOf(cause) })
    },
  )
  if (!response.ok) throw new ControllerUnreachableError(url, { status: response.status })
  try {
    return await response.json()
  } catch (cause) {
    throw new ControllerAnswerError(url, cause)
  }
}

/** What `fetch` itself says is only that it failed. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
