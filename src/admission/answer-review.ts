import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import { reasonOf } from '../base/reason-of.ts'
import { reviewFailures, reviewSeconds, reviewsAnswered, reviewsRefused } from './meters.ts'
import type { AdmissionOptions } from './options.ts'
import { type HeldOctets, readBody } from './read-body.ts'
import { type ReviewRequest, type ReviewResponse, readReview, reviewAnswer } from './review.ts'

/** Decides about an object. What it throws is a failure of ours: the API server does what its `failurePolicy` says. */
export type ReviewHandler = (request: ReviewRequest) => ReviewResponse | Promise<ReviewResponse>

/** Handlers by the path of their webhook, which must be matched exactly. */
export type ReviewHandlers = ReadonlyMap<string, ReviewHandler>

export interface ReviewExchange {
  readonly request: Http2ServerRequest
  readonly response: Http2ServerResponse
  readonly handlers: ReviewHandlers
  readonly options: AdmissionOptions
  readonly ports: ReviewPorts
}

export interface ReviewPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meters: Meters
  readonly octets: HeldOctets
}

interface Outcome {
  readonly status: number
  readonly body: string
}

/** Answers one request, whatever is in it. Never rejects. */
export async function answerReview(exchange: ReviewExchange): Promise<void> {
  const { request, response, ports } = exchange
  request.on('error', () => {})
  response.on('error', () => {})
  const { status, body } = await outcomeOf(exchange)
  if (status !== 200) ports.meters.cell(reviewFailures, String(status)).value += 1
  if (response.stream?.destroyed || response.destroyed) return
  const isJson = status === 200
  response.writeHead(status, {
    'content-type': isJson ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(status === 405 ? { allow: 'POST' } : {}),
    // What is left of a body that was not read would be taken for the next request.
    ...(request.complete || request.httpVersionMajor === 2 ? {} : { connection: 'close' }),
  })
  response.end(body, () => {
    // Nobody waits for the rest of a body that was refused; a stream that was read must end by itself.
    if (request.httpVersionMajor === 2 && !request.complete) response.stream.close()
  })
}

async function outcomeOf(exchange: ReviewExchange): Promise<Outcome> {
  const { request, handlers, options, ports } = exchange
  const path = request.url.split('?')[0] ?? ''
  const handler = handlers.get(path)
  if (!handler) return { status: 404, body: 'there is no such webhook\n' }
  if (request.method !== 'POST') return { status: 405, body: 'questions come by POST\n' }
  const read = await readBody(request, options, ports)
  if (read.kind === 'fault') return { status: read.status, body: `${read.message}\n` }
  return await answer({ path, handler, body: read.octets }, ports)
}

interface Question {
  readonly path: string
  readonly handler: ReviewHandler
  readonly body: Uint8Array
}

async function answer(
  { path, handler, body }: Question,
  { clock, log, meters }: ReviewPorts,
): Promise<Outcome> {
  const start = clock.now()
  const read = readReview(body)
  if (read.kind === 'fault') return { status: 400, body: `${read.message}\n` }
  const { uid, kind: type, namespace, name } = read.request
  try {
    const response = await handler(read.request)
    const text = JSON.stringify(reviewAnswer(uid, response))
    meters.cell(reviewsAnswered, path).value += 1
    if (!response.allowed) {
      meters.cell(reviewsRefused, path).value += 1
      log.info({ path, type, namespace, name, reason: response.message }, 'refused an object')
    }
    meters.histogram(reviewSeconds).observe((clock.now() - start) / 1_000)
    return { status: 200, body: text }
  } catch (error) {
    log.error({ path, type, namespace, name, error }, 'a webhook failed')
    return { status: 500, body: `the webhook failed: ${reasonOf(error)}\n` }
  }
}
