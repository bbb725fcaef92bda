import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Server } from '@grpc/grpc-js'
import { peerOf } from './tls-handshakes.ts'

/**
 * Hears of connections that are broken off for what came on them: malformed frames, or floods of good ones.
 *
 * Node and nghttp2 find those; grpc-js says nothing of them, and has no door to its sessions, so we look for them.
 */
export function hearOfBrokenSessions(
  server: Server,
  onBroken: (peer: string, error: Error) => void,
): void {
  for (const http2Server of http2ServersOf(server)) {
    http2Server.on('session', (session: ServerHttp2Session) => {
      const peer = peerOf(session.socket)
      session.on('error', (error: NodeJS.ErrnoException) => {
        // Not so those of the network, nor what the other end calls our own mistake.
        if (isOurVerdict(error)) onBroken(peer, error)
      })
    })
  }
}

function isOurVerdict({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('ERR_HTTP2') && code !== 'ERR_HTTP2_SESSION_ERROR'
}

function http2ServersOf(server: Server): readonly EventEmitter[] {
  const servers: unknown = Reflect.get(server, 'http2Servers')
  if (!(servers instanceof Map)) return []
  return [...servers.keys()].filter((key: unknown) => key instanceof EventEmitter)
}
