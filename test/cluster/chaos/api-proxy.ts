import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'
import type { TestCluster } from '../start-cluster.ts'

/** What becomes of a call instead of what should. */
export interface ApiFault {
  /**
   * A status is answered at once, and nothing is done. `hangs` is never answered, nor done. `loses` is done, and its
   * answer breaks off in the middle. `is late` is done as it should be, but only after some seconds.
   */
  readonly kind: 429 | 500 | 503 | 'hangs' | 'loses' | 'is late'
  /** One call in so many. */
  readonly oneIn: number
  /** Which calls; all when not said. */
  readonly only?: (call: SeenCall) => boolean
}

const latestMs = 4_000

export interface SeenCall {
  readonly method: string
  readonly path: string
  readonly isWatch: boolean
}

/** Stands between a controller and the API server, with TLS towards both, and does what a test tells it to. */
export class ApiProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #upstream: RequestOptions
  readonly #agent: Agent
  readonly #random: SeededRandom
  readonly #streams = new Set<ServerResponse>()
  readonly #hanging = new Set<ServerResponse>()
  readonly #delayed = new Set<NodeJS.Timeout>()
  #faults: readonly ApiFault[] = []
  /** Of calls that were not served as they should have been, by what became of them. */
  readonly done = new Map<ApiFault['kind'], number>()

  private constructor(server: Server, { server: url, folder }: TestCluster, random: SeededRandom) {
    this.#server = server
    this.#random = random
    this.#agent = new Agent({ keepAlive: true, ...credentialsOf(folder, 'admin') })
    const { hostname, port } = new URL(url)
    this.#upstream = { hostname, port, agent: this.#agent }
    server.on('request', (call, answer) => this.#take(call, answer))
  }

  static async start(cluster: TestCluster, random: SeededRandom): Promise<ApiProxy> {
    const own = credentialsOf(cluster.folder, 'apiserver')
    const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new ApiProxy(server, cluster, random)
  }

  /** A kubeconfig of the cluster's administrator that leads through here. */
  kubeconfig({ folder, kubeconfig, server }: TestCluster): string {
    const { port } = this.#server.address() as AddressInfo
    const path = join(folder, `proxy-${port}.kubeconfig`)
    const text = readFileSync(kubeconfig, 'utf8').replaceAll(server, `https://127.0.0.1:${port}`)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  /** Has calls fail from now on; each meets the first of these that it draws. */
  fail(...faults: readonly ApiFault[]): void {
    this.#faults = faults
  }

  /** Serves everything again; who hangs is let go. */
  heal(): void {
    this.#faults = []
    for (const answer of this.#hanging) answer.destroy()
  }

  /** Breaks off every watch. */
  breakStreams(): void {
    for (const answer of this.#streams) answer.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#delayed) clearTimeout(timer)
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await closed
  }

  #take(call: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url = '/' } = call
    const { pathname: path, searchParams } = new URL(url, 'https://proxy')
    const seen = { method, path, isWatch: searchParams.get('watch') === 'true' }
    const fault = this.#draw(seen)
    if (fault) this.done.set(fault.kind, (this.done.get(fault.kind) ?? 0) + 1)
    if (fault?.kind === 'hangs') this.#hold(answer)
    else if (typeof fault?.kind === 'number') refuse(answer, fault.kind)
    else {
      const exchange = { call, answer, isWatch: seen.isWatch, isLost: fault?.kind === 'loses' }
      if (fault?.kind === 'is late') this.#delay(exchange)
      else this.#forward(exchange)
    }
  }

  /** Also when the client has given up. */
  #delay(exchange: Exchange): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(timer)
      this.#forward(exchange)
    }, this.#random.below(latestMs))
    this.#delayed.add(timer)
  }

  #draw(seen: SeenCall): ApiFault | undefined {
    return this.#faults.find(
      ({ oneIn, only }) => (!only || only(seen)) && this.#random.oneIn(oneIn),
    )
  }

  #hold(answer: ServerResponse): void {
    this.#hanging.add(answer)
    answer.once('close', () => this.#hanging.delete(answer))
  }

  #forward({ call, answer, isWatch, isLost }: Exchange): void {
    const { method, url: path, headers } = call
    const onward = request({ ...this.#upstream, method, path, headers })
    if (isWatch) answer.once('close', () => onward.destroy())
    onward.on('error', () => answer.destroy())
    onward.once('response', (reply) => {
      // It was done all the same.
      if (answer.destroyed) {
        reply.resume()
        return
      }
      if (isWatch) {
        this.#streams.add(answer)
        answer.once('close', () => this.#streams.delete(answer))
      }
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      if (isLost) reply.once('data', (chunk: Buffer) => breakOff(answer, chunk))
      else {
        answer.flushHeaders()
        pipeline(reply, answer, () => {})
      }
    })
    call.on('error', () => {})
    if (call.destroyed && !call.complete) onward.destroy()
    else call.pipe(onward)
  }
}

interface Exchange {
  readonly call: IncomingMessage
  readonly answer: ServerResponse
  readonly isWatch: boolean
  readonly isLost: boolean
}

function breakOff(answer: ServerResponse, chunk: Buffer): void {
  answer.write(chunk.subarray(0, chunk.length >> 1), () => answer.destroy())
}

const reasons = { 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable' } as const

function refuse(answer: ServerResponse, code: keyof typeof reasons): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code }
  const message = 'the test wants it so'
  answer.writeHead(code, {
    'content-type': 'application/json',
    ...(code === 429 ? { 'retry-after': '1' } : {}),
  })
  answer.end(JSON.stringify({ ...status, reason: reasons[code], message }))
}

function credentialsOf(folder: string, holder: string) {
  const read = (name: string) => readFileSync(join(folder, name))
  return { ca: read('ca.crt'), cert: read(`${holder}.crt`), key: read(`${holder}.key`) }
}
