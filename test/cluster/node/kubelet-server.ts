import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { nodeAddresses } from './node-network.ts'
import { kubeletPort } from './node-objects.ts'
import { RelayedServer } from './relayed-server.ts'
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
export async function startKubeletServer({
  kubelet,
  enter,
  folder,
}: ServerParts): Promise<RelayedServer> {
  const [key, cert] = ['key', 'crt'].map((end) => readFileSync(join(folder, `apiserver.${end}`)))
  const server = createServer({ key, cert })
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => {})
    // Whoever asked may be gone in the middle of it.
    forward(kubelet, request, stream, head).catch(() => stream.destroy())
  })
  const path = join(folder, 'kubelet.sock')
  const from = `${nodeAddresses[0]}:${kubeletPort}`
  return await RelayedServer.start(server, path, { enter, from, to: path })
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
