import { Duplex } from 'node:stream'
import { WebSocket } from 'undici'
import { ApiFailure } from './api-failure.ts'
import type { ClusterClient } from './cluster-client.ts'

/** A port of a pod; programs may listen on its loopback alone. */
export interface PodPort {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** Each message begins with the number of its channel; the first one of a channel has the port only. */
const protocol = 'v4.channel.k8s.io'
const channels = { data: 0, fault: 1 } as const

/**
 * Connects to a port of a pod through the API server and the pod's node, as `kubectl port-forward` does.
 *
 * Only both directions can be ended, not one.
 * @throws {ApiFailure} when the server does not carry it; the rights `get` and `create` of `pods/portforward` are needed.
 */
export async function openPodStream(
  client: ClusterClient,
  { namespace, pod, port }: PodPort,
): Promise<Duplex> {
  const [space, name] = [namespace, pod].map(encodeURIComponent)
  const path = `/api/v1/namespaces/${space}/pods/${name}/portforward`
  const url = new URL(client.access.server.replace(/^http/, 'ws') + path)
  url.searchParams.set('ports', String(port))
  const { headers, dispatcher } = await client.access.authorize()
  const socket = new WebSocket(url, {
    protocols: protocol,
    headers: { ...headers },
    ...(dispatcher ? { dispatcher } : {}),
  })
  socket.binaryType = 'arraybuffer'
  // From the first message on.
  const stream = new PodStream(socket)
  const opened = Promise.withResolvers<void>()
  socket.addEventListener('open', () => opened.resolve())
  socket.addEventListener('error', () => opened.reject(new Error('no connection')))
  try {
    await opened.promise
    return stream
  } catch (cause) {
    stream.destroy()
    throw await reasonOf(client, path, port, cause)
  }
}

/** A WebSocket does not tell why it was refused; the same question without one is refused with words. */
async function reasonOf(client: ClusterClient, path: string, port: number, cause: unknown) {
  const told = await client.call({ path, query: { ports: port } }).catch((error: unknown) => error)
  if (told instanceof ApiFailure && told.status !== 400) return told
  const message = 'the server opened no WebSocket'
  return new ApiFailure(`GET ${path}`, { status: 0, reason: '', message }, cause)
}

class PodStream extends Duplex {
  readonly #socket: WebSocket
  readonly #begun = new Set<number>()

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) this.#take(Buffer.from(data))
    })
    socket.addEventListener('close', () => this.push(null))
    // Whoever opened it hears of errors before it is open; after that, it closes.
    socket.addEventListener('error', () => {})
  }

  /** What comes is kept until it is read: senders of long pages are not held back. */
  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(channels.data), chunk]))
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close()
    done(error)
  }

  #take(message: Buffer): void {
    const [channel = -1] = message
    if (!this.#begun.has(channel)) {
      this.#begun.add(channel)
      return
    }
    const content = message.subarray(1)
    if (channel === channels.data) this.push(content)
    else if (channel === channels.fault) this.destroy(new Error(content.toString()))
  }
}
