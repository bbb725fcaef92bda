import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import { isSelected } from './cluster-selectors.ts'
import {
  ClusterStore,
  type ServedKind,
  type StoredEvent,
  type StoredObject,
} from './cluster-store.ts'

/** How requests shall fail. */
export interface ApiFaultScript {
  readonly status: number
  readonly reason?: string
  readonly retryAfterSeconds?: number
  /** How many requests; without it all, until `heal`. */
  readonly times?: number
  /** Which requests; all that there are when not said. */
  readonly only?: (request: SeenRequest) => boolean
}

export interface SeenRequest {
  readonly path: string
  readonly query: URLSearchParams
  readonly isWatch: boolean
}

interface Stream {
  readonly response: ServerResponse
  readonly seen: SeenRequest
  readonly plural: string
  readonly namespace: string | undefined
  isMute: boolean
}

/**
 * A cluster's API for tests, as far as reading goes: discovery, objects, lists in pages, watches.
 *
 * Faults are scripted: `fail`, `compact`, `endStreams`, `breakStreams`, `mute`, `sendError`.
 */
export class FakeClusterApi {
  readonly client: ClusterClient
  readonly server: string
  readonly store = new ClusterStore()
  readonly requests: SeenRequest[] = []
  /** Objects of a page, where a client does not want fewer. */
  pageSize = 500
  readonly #kinds: ServedKind[] = []
  readonly #faults: (ApiFaultScript & { left: number })[] = []
  readonly #streams = new Set<Stream>()
  readonly #pages = new Map<string, readonly StoredObject[]>()
  readonly #http: Server

  private constructor(http: Server) {
    const { port } = http.address() as AddressInfo
    this.#http = http
    this.server = `http://127.0.0.1:${port}`
    this.client = new ClusterClient({
      name: 'fake',
      isOwnPod: false,
      server: this.server,
      namespace: 'default',
      authorize: async () => ({ headers: {}, dispatcher: undefined }),
    })
    http.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response)
    })
  }

  static async start(
    test: Pick<TestContext, 'after'>,
    kinds: readonly ServedKind[],
  ): Promise<FakeClusterApi> {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const api = new FakeClusterApi(http)
    api.#kinds.push(...kinds)
    test.after(() => api.stop())
    return api
  }

  async stop(): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#http.close()
    this.#http.closeAllConnections()
    await closed
  }

  serve(kind: ServedKind): void {
    this.#kinds.push(kind)
  }

  /** Forgets the kind, as when its definition is deleted. */
  withdraw(plural: string): void {
    this.#kinds.splice(0, Infinity, ...this.#kinds.filter((kind) => kind.plural !== plural))
    this.endStreams(plural)
  }

  put(plural: string, object: StoredObject): void {
    this.#happen(this.store.put(plural, object))
  }

  /** `key` is `NAMESPACE/NAME`. */
  remove(plural: string, key: string): void {
    this.#happen(this.store.remove(plural, key))
  }

  fail(script: ApiFaultScript): void {
    this.#faults.push({ ...script, left: script.times ?? Infinity })
  }

  heal(): void {
    this.#faults.length = 0
  }

  /** Forgets the past: older watches and half-read lists meet 410. */
  compact(): void {
    this.store.compact()
    this.#pages.clear()
  }

  /** How many watches are open. */
  streams(plural?: string): number {
    return [...this.#streams].filter((one) => plural === undefined || one.plural === plural).length
  }

  /** The namespace of each open watch; `*` for all of them. */
  watchedNamespaces(plural: string): readonly string[] {
    return [...this.#streams].flatMap((one) =>
      one.plural === plural ? [one.namespace ?? '*'] : [],
    )
  }

  /** In good order, as a server does that had enough. */
  endStreams(plural?: string): void {
    for (const stream of this.#streams) {
      if (plural === undefined || stream.plural === plural) stream.response.end()
    }
  }

  breakStreams(): void {
    for (const { response } of this.#streams) response.socket?.destroy()
  }

  /** The streams that are open now stay open, and say nothing more. */
  mute(): void {
    for (const stream of this.#streams) stream.isMute = true
  }

  bookmark(resourceVersion = String(this.store.version)): void {
    this.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } })
  }

  /** Whatever that may be. */
  send(event: object): void {
    for (const { isMute, response } of this.#streams) {
      if (!isMute) response.write(`${JSON.stringify(event)}\n`)
    }
  }

  /** To mute streams too: it is the last that they say. */
  sendError(code: number, reason: string): void {
    const event = { type: 'ERROR', object: statusOf(code, reason) }
    for (const { response } of this.#streams) response.end(`${JSON.stringify(event)}\n`)
  }

  #happen(event: StoredEvent): void {
    for (const stream of this.#streams) this.#pass(event, stream)
  }

  #pass({ plural, type, object }: StoredEvent, stream: Stream): void {
    if (stream.isMute || plural !== stream.plural) return
    const { namespace, seen } = stream
    if (!isSelected(object, { namespace, query: seen.query })) return
    stream.response.write(`${JSON.stringify({ type, object })}\n`)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', this.server)
    const seen = { path, query, isWatch: query.get('watch') === 'true' }
    this.requests.push(seen)
    const fault = this.#faults.find(({ left, only }) => left > 0 && (only?.(seen) ?? true))
    if (fault) {
      fault.left -= 1
      refuse(response, fault.status, fault)
      return
    }
    if (path === '/version') return reply(response, { gitVersion: 'v1.36.0' })
    const [, core, apis, version = '', rest = ''] =
      /^\/(?:(api)|apis\/([^/]+))\/([^/]+)\/?(.*)$/.exec(path) ?? []
    const group = core === undefined ? apis : ''
    const kinds = this.#kinds.filter((kind) => kind.group === group && kind.version === version)
    if (kinds.length === 0) return refuse(response, 404)
    if (rest === '')
      return reply(response, { resources: kinds.map(({ plural: name }) => ({ name })) })
    const [, namespace, plural = '', name] =
      /^(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/(.*))?$/.exec(rest) ?? []
    if (!kinds.some((kind) => kind.plural === plural)) return refuse(response, 404)
    if (name !== undefined) return this.#one(response, plural, `${namespace ?? ''}/${name}`)
    if (!seen.isWatch) return this.#list(response, { seen, plural, namespace })
    this.#watch({ response, seen, plural, namespace, isMute: false })
  }

  #one(response: ServerResponse, plural: string, key: string): void {
    const object = this.store.get(plural, key)
    if (object) reply(response, object)
    else refuse(response, 404)
  }

  #list(
    response: ServerResponse,
    { seen, plural, namespace }: Pick<Stream, 'seen' | 'plural' | 'namespace'>,
  ): void {
    const { query } = seen
    const token = query.get('continue')
    const known = token === null ? undefined : this.#pages.get(token)
    if (token !== null && !known) return refuse(response, 410, { reason: 'Expired' })
    const all =
      known ?? this.store.list(plural).filter((one) => isSelected(one, { namespace, query }))
    const size = Math.min(this.pageSize, Number(query.get('limit') ?? 0) || Infinity)
    const rest = all.slice(size)
    const resourceVersion = token?.split(':')[0] ?? String(this.store.version)
    const next = `${resourceVersion}:${this.requests.length}`
    if (rest.length > 0) this.#pages.set(next, rest)
    const metadata = { resourceVersion, ...(rest.length > 0 ? { continue: next } : {}) }
    // As Go writes it.
    reply(response, { metadata, items: all.length === 0 ? null : all.slice(0, size) })
  }

  #watch(stream: Stream): void {
    const { response, seen } = stream
    const from = Number(seen.query.get('resourceVersion'))
    if (from < this.store.compacted) return refuse(response, 410, { reason: 'Expired' })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    this.#streams.add(stream)
    response.on('close', () => this.#streams.delete(stream))
    for (const event of this.store.events) if (event.version > from) this.#pass(event, stream)
  }
}

function reply(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function refuse(
  response: ServerResponse,
  status: number,
  { reason = '', retryAfterSeconds }: Partial<ApiFaultScript> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
  response.end(JSON.stringify(statusOf(status, reason)))
}

function statusOf(code: number, reason: string) {
  return { kind: 'Status', status: 'Failure', code, reason, message: `status ${code}` }
}
