import { type Dispatcher, request } from 'undici'
import { beginningOf } from '../../base/beginning-of.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { asMap, isPlainMap, type PlainMap, textAt } from '../../documents/plain-map.ts'
import { ApiFailure, type ApiFault } from './api-failure.ts'
import type { Authorization, ClusterAccess } from './cluster-access.ts'

/** Kinds of PATCH (Kubernetes: API concepts, «Patch and apply»). */
export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  /** Server-side apply. */
  apply: 'application/apply-patch+yaml',
} as const

export interface ApiCall {
  /** GET when not said. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/api` or `/apis`; names in it are checked or escaped by the caller. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Of the body; `application/json` when not said. */
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** Form of the answer; `application/json` when not said. */
  readonly accept?: string
}

export interface ApiWatch {
  readonly path: string
  readonly query: Readonly<Record<string, string | number | boolean>>
  readonly signal: AbortSignal
  /** Form of the objects; `application/json` when not said. */
  readonly accept?: string
  /** Once, when the server began to answer. */
  onOpen?(): void
  /** Each event, as it comes (Kubernetes: meta/v1 WatchEvent); `ERROR` too. */
  onEvent(type: string, object: PlainMap): void
}

/** Under this name the API server keeps which fields are ours. */
const fieldManager = 'meshdns'

/** What an answer may take to begin, and a watch to say anything. */
const patienceMs = 30_000

/** Longer than any object that etcd takes, and than a page of a list that we ask for. */
const longestLineOctets = 16 * 1024 * 1024

/** The API of one cluster, by path; objects are plain values, and hostile until somebody parsed them. */
export class ClusterClient {
  readonly access: ClusterAccess

  constructor(access: ClusterAccess) {
    this.access = access
  }

  /** @throws {ApiFailure} when the server did not do it, or did not answer. */
  async call(call: ApiCall): Promise<PlainMap> {
    const { body } = await this.#send(call, patienceMs)
    const text = await body.text().catch((cause: unknown) => {
      throw new ApiFailure(wordsOf(call), noAnswer(cause), cause)
    })
    const value = tryParse(text)
    if (isPlainMap(value)) return value
    throw new ApiFailure(wordsOf(call), noAnswer('the answer is no object'))
  }

  /**
   * Follows changes until the server ends the stream, which it does every few minutes.
   * @throws {ApiFailure} when it did not begin, or broke.
   */
  async watch(watch: ApiWatch): Promise<void> {
    const query = { ...watch.query, watch: true }
    const { path, signal, accept } = watch
    const call = { path, query, signal, ...(accept === undefined ? {} : { accept }) }
    // The server promises to end a stream in time; bookmarks come about every minute.
    const { body } = await this.#send(call, 0)
    watch.onOpen?.()
    let rest = ''
    try {
      body.setEncoding('utf8')
      for await (const chunk of body) {
        const [first = '', ...others] = String(chunk).split('\n')
        const lines = [rest + first, ...others]
        rest = lines.pop() ?? ''
        if (rest.length > longestLineOctets) throw new Error('an event is too long')
        for (const line of lines) takeEvent(line, watch)
      }
    } catch (cause) {
      if (watch.signal.aborted) return
      throw new ApiFailure(wordsOf(call), noAnswer(cause), cause)
    }
  }

  async #send(call: ApiCall, bodyTimeout: number): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.access.server + call.path)
    const { method = 'GET' } = call
    if (method !== 'GET' && method !== 'DELETE') url.searchParams.set('fieldManager', fieldManager)
    for (const [key, value] of Object.entries(call.query ?? {})) {
      url.searchParams.set(key, String(value))
    }
    const hasBody = call.body !== undefined
    const { headers, dispatcher } = await this.#authorize(call)
    let response: Dispatcher.ResponseData
    try {
      response = await request(url, {
        method,
        headers: {
          ...headers,
          // Key sets have a type of their own.
          accept: call.accept ?? 'application/json, */*;q=0.1',
          ...(hasBody ? { 'content-type': call.contentType ?? 'application/json' } : {}),
        },
        headersTimeout: patienceMs,
        bodyTimeout,
        ...(hasBody ? { body: JSON.stringify(call.body) } : {}),
        ...(dispatcher ? { dispatcher } : {}),
        ...(call.signal ? { signal: call.signal } : {}),
      })
    } catch (cause) {
      throw new ApiFailure(wordsOf(call), notReached(this.access, cause), cause)
    }
    if (response.statusCode < 300) return response
    throw new ApiFailure(wordsOf(call), await readFault(response))
  }

  async #authorize(call: ApiCall): Promise<Authorization> {
    try {
      return await this.access.authorize()
    } catch (cause) {
      const { name } = this.access
      const message = `there are no credentials for the cluster ${name}: ${reasonOf(cause)}`
      const hint =
        'They come from the kubeconfig: a file or a program that it names, or of a pod from its folder of tokens. Try: kubectl auth whoami.'
      throw new ApiFailure(wordsOf(call), { status: 0, reason: '', message, hint }, cause)
    }
  }
}

function wordsOf({ method = 'GET', path }: ApiCall): string {
  return `${method} ${path}`
}

/** Codes that OpenSSL and Node have for a certificate of somebody who is not believed. */
const disbelief = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/

function notReached({ name, server }: ClusterAccess, cause: unknown): ApiFault {
  const who = `the cluster ${name} (${server})`
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (!disbelief.test(code)) return noAnswer(`${who} does not answer: ${reasonOf(cause)}`)
  // Node adds advice on how to run Node.
  const [reason = ''] = reasonOf(cause).split('; ')
  const hint =
    'The kubeconfig says by which CA the cluster is known (certificate-authority, certificate-authority-data) and under which name (server, tls-server-name): have them written anew by whoever gave you the kubeconfig.'
  return { ...noAnswer(`${who} cannot be believed: ${reason}`), hint }
}

function noAnswer(cause: unknown): ApiFault {
  const message = typeof cause === 'string' ? cause : reasonOf(cause)
  return { status: 0, reason: '', message }
}

/** An API server may quote the whole object. */
const mostCharacters = 2_000

async function readFault({
  statusCode,
  headers,
  body,
}: Dispatcher.ResponseData): Promise<ApiFault> {
  const text = await body.text().catch(() => '')
  const said = tryParse(text)
  const { message } = asMap(said)
  const seconds = Number(headers['retry-after'])
  return {
    status: statusCode,
    reason: textAt(said, 'reason'),
    message:
      typeof message === 'string'
        ? beginningOf(message, mostCharacters)
        : beginningOf(text, 200) || `status ${statusCode}`,
    ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
  }
}

function takeEvent(line: string, watch: ApiWatch): void {
  const event = tryParse(line)
  if (!isPlainMap(event)) return
  const { type, object } = event
  if (typeof type === 'string' && isPlainMap(object)) watch.onEvent(type, object)
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
