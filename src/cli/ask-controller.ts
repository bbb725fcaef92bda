import type { z } from 'zod'
import { CodedError } from '../base/coded-error.ts'
import { reasonOf } from '../base/reason-of.ts'
import { formatSocketAddress, parseSocketAddress } from '../ip/socket-address.ts'
import { type ControllerPod, findControllers, meansCluster } from './cluster-controllers.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { printable } from './table.ts'

/** The controller's pages cannot be had. */
export class ControllerUnreachableError extends CodedError {
  override readonly code = 'CLI_CONTROLLER_UNREACHABLE'

  constructor(url: string, why: { readonly cause: unknown } | { readonly status: number }) {
    const status = 'status' in why ? `: it says ${why.status}` : ''
    super(`no controller shows ${url}${status}`, {
      ...('cause' in why ? { cause: why.cause } : {}),
      hint:
        'Is `meshdns controller` running there? Name the address of its pages with --controller ADDRESS:PORT ' +
        '(its admin.address, 127.0.0.1:15014 when not told); they are only for callers on the same machine. ' +
        'Controllers of a cluster are asked with --kubeconfig.',
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

/** What a page of the controller holds, and which controller of a cluster it is. */
export interface ControllerAnswer<T> {
  readonly value: T
  /** The controller's pod; missing where an address was named. */
  readonly controller?: string
}

/**
 * What a page of the controller holds; any of a cluster's controllers where a cluster is meant.
 * @throws {AddressSyntaxError} when the option is no address.
 * @throws {ControllerUnreachableError} when nobody shows the page.
 * @throws {ControllerAnswerError} when it holds something else.
 * @throws {ControllerMissingError} when the cluster has no controller.
 */
export async function askController<T extends z.ZodType>(
  invocation: Invocation,
  path: string,
  page: T,
): Promise<z.output<T>> {
  const pods = await controllersOf(invocation)
  return pods.length === 0 ? askAddress(invocation, path, page) : askFirst(pods, path, page)
}

/** As `askController`, but every controller of a cluster; who does not answer is told of on stderr. */
export async function askControllers<T extends z.ZodType>(
  invocation: Invocation,
  path: string,
  page: T,
): Promise<readonly ControllerAnswer<z.output<T>>[]> {
  const pods = await controllersOf(invocation)
  if (pods.length === 0) return [{ value: await askAddress(invocation, path, page) }]
  const { answers, failures } = await askEach(pods, path, page)
  for (const failure of failures) {
    invocation.io.stderr.write(`warning: ${printable(reasonOf(failure))}\n`)
  }
  return answers
}

/** The first that answers: controllers come and go, as in an update. */
export async function askFirst<T extends z.ZodType>(
  pods: readonly ControllerPod[],
  path: string,
  page: T,
): Promise<z.output<T>> {
  const failures: unknown[] = []
  for (const pod of pods) {
    try {
      return await askPod(pod, path, page)
    } catch (error) {
      failures.push(error)
    }
  }
  throw failures[0]
}

/** All that answer, and why others do not; fails when none does. */
export async function askEach<T extends z.ZodType>(
  pods: readonly ControllerPod[],
  path: string,
  page: T,
): Promise<{
  readonly answers: readonly ControllerAnswer<z.output<T>>[]
  readonly failures: readonly unknown[]
}> {
  const all = await Promise.allSettled(pods.map((pod) => askPod(pod, path, page)))
  const failures = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length === pods.length) throw failures[0]
  const answers = all.flatMap((one, at) =>
    one.status === 'fulfilled' ? { value: one.value, controller: pods[at]?.name ?? '' } : [],
  )
  return { answers, failures }
}

/** None where no cluster is meant. */
async function controllersOf(invocation: Invocation): Promise<readonly ControllerPod[]> {
  return meansCluster(invocation, ['controller']) ? findControllers(invocation) : []
}

async function askPod<T extends z.ZodType>(
  { place, read }: ControllerPod,
  path: string,
  page: T,
): Promise<z.output<T>> {
  const { status, text } = await read(path)
  const where = `${path} of ${place}`
  if (status !== 200) throw new ControllerUnreachableError(where, { status })
  return parsePage(where, text, page)
}

async function askAddress<T extends z.ZodType>(
  { options }: Invocation,
  path: string,
  page: T,
): Promise<z.output<T>> {
  const named = options.text('controller') ?? defaultController
  const where = parseSocketAddress(named.replace(/^localhost:/, '127.0.0.1:'))
  const url = `http://${formatSocketAddress(where)}${path}`
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new ControllerUnreachableError(url, { cause: causeOf(cause) })
    },
  )
  if (!response.ok) throw new ControllerUnreachableError(url, { status: response.status })
  return parsePage(url, await response.text(), page)
}

function parsePage<T extends z.ZodType>(where: string, text: string, page: T): z.output<T> {
  try {
    return page.parse(JSON.parse(text))
  } catch (cause) {
    throw new ControllerAnswerError(where, cause)
  }
}

/** What `fetch` itself says is only that it failed. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
