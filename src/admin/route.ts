export interface AdminRequest {
  readonly path: string
  readonly query: URLSearchParams
}

export interface AdminResponse {
  readonly status: number
  readonly contentType: string
  /** In parts where it may be large: each is made when the one before was taken. */
  readonly body: string | AsyncIterable<string>
}

/** One page. */
export interface Route {
  /** One sentence for whoever looks for a page. */
  readonly summary: string
  /** `loopback`: only for callers on this machine, wherever the server listens. */
  readonly access: 'anyone' | 'loopback'
  respond(request: AdminRequest): AdminResponse | Promise<AdminResponse>
}

/** Pages by their path, which must be matched exactly. */
export type Routes = Readonly<Record<string, Route>>

const contentType = 'application/json; charset=utf-8'

/** JSON for programs, indented for people. */
export function json(status: number, value: unknown): AdminResponse {
  const body = `${JSON.stringify(value, undefined, 2)}\n`
  return { status, contentType, body }
}

/**
 * An object that ends in lists which may be too long to be made at once.
 *
 * Each item has a line of its own. Other work is done while it is written.
 */
export function longJson(
  head: Readonly<Record<string, unknown>>,
  lists: Readonly<Record<string, Iterable<unknown>>>,
): AdminResponse {
  return { status: 200, contentType, body: partsOf(head, lists) }
}

/** How much is made at a time, in characters. */
const partLength = 65_536

async function* partsOf(
  head: Readonly<Record<string, unknown>>,
  lists: Readonly<Record<string, Iterable<unknown>>>,
): AsyncGenerator<string> {
  let part = ''
  for (const piece of piecesOf(head, lists)) {
    part += piece
    if (part.length < partLength) continue
    yield part
    part = ''
    await new Promise((resolve) => setImmediate(resolve))
  }
  yield part
}

function* piecesOf(
  head: Readonly<Record<string, unknown>>,
  lists: Readonly<Record<string, Iterable<unknown>>>,
): Generator<string> {
  yield '{'
  let separator = '\n'
  for (const [key, value] of Object.entries(head)) {
    yield `${separator}${JSON.stringify(key)}: ${JSON.stringify(value) ?? 'null'}`
    separator = ',\n'
  }
  for (const [key, items] of Object.entries(lists)) {
    yield `${separator}${JSON.stringify(key)}: [`
    separator = '\n'
    for (const item of items) {
      yield `${separator}${JSON.stringify(item) ?? 'null'}`
      separator = ',\n'
    }
    yield '\n]'
    separator = ',\n'
  }
  yield '\n}\n'
}
