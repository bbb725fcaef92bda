import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { startRelay } from './api-relay.ts'
import { nodeAddresses } from './node-network.ts'
import { kubeletPort } from './node-objects.ts'
import type { TestKubelet } from './test-kubelet.ts'
import { WebSocketEnd } from './web-socket-end.ts'

interface ServerParts {
  readonly kubelet: TestKubelet
  readonly enter: readonly string[]
  /** Of the cluster; it has certificates. */
  readonly folder: string
}

const protocol = 'v4.channel.k8s.io'

/** What the API server asks a kubelet for: connections to ports of pods' loopback. */
export class KubeletServer implements AsyncDisposable {
  readonly #server: Server
  readonly #relay: ChildProcess
  readonly #streams: Set<Duplex>

  private constructor(server: Server, relay: ChildProcess, streams: Set<Duplex>) {
    this.#server = server
    this.#relay = relay
    this.#streams = streams
  }

  static async start({ kubelet, enter, folder }: ServerParts): Promise<KubeletServer> {
    const [key, cert] = ['key', 'crt'].map((end) => readFileSync(join(folder, `apiserver.${end}`)))
    const server = createServer({ key, cert })
    const streams = new Set<Duplex>()
    server.on('upgrade', (request, stream, head) => {
      streams.add(stream)
      stream.once('close', () => streams.delete(stream))
      stream.on('error', () => {})
      void forward(kubelet, request, stream, head)
    })
    const path = join(folder, 'kubelet.sock')
    server.listen(path)
    await once(server, 'listening')
    const relay = await startRelay(enter, `${nodeAddresses[0]}:${kubeletPort}`, path)
    return new KubeletServer(server, relay, streams)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const stream of this.#streams) stream.destroy()
    const closed = once(this.#relay, 'close')
    this.#relay.kill('SIGKILL')
    await closed
  }
}

const channels = { data: 0, fault: 1 } as const

/** Carries one connection, as `/portForward/NAMESPACE/POD?port=PORT` says. */
async function forward(
  kubelet: TestKubelet,
  { url = '', headers }: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): Promise<void> {
  const { pathname, searchParams } = new URL(url, 'https://node')
  const [, namespace = '', pod = ''] = /^\/portForward\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  const life = kubelet.podNamed(namespace, pod)
  const key = headers['sec-websocket-key']
  if (!life || key === undefined) {
    stream.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const socket = new WebSocketEnd(stream, { key, protocol }, head)
  const port = Number(searchParams.get('port'))
  for (const channel of Object.values(channels)) {
    socket.send(Buffer.of(channel, port & 0xff, port >> 8))
  }
  const script = 'exec 3<>/dev/tcp/127.0.0.1/$0 4<&0 || exit; cat <&4 >&3 & exec cat <&3'
  const [program = '', ...inPod] = life.enter
  const words = [...inPod, 'bash', '-c', script, `${port}`]
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => {
    socket.send(Buffer.concat([Buffer.of(channels.data), chunk]))
  })
  child.once('close', (code) => {
    if (code !== 0)
      socket.send(Buffer.concat([Buffer.of(channels.fault), Buffer.from('nobody listens')]))
    socket.close()
  })
  try {
    for await (const message of socket.messages()) child.stdin.write(message.subarray(1))
  } finally {
    child.stdin.end()
  }
}
