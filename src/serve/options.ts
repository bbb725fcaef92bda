import { z } from 'zod'

/** How DNS over UDP is served. */
export const UdpServeOptions = z.strictObject({
  receiveBufferOctets: z
    .int()
    .min(65_536)
    .max(67_108_864)
    .default(4_194_304)
    .describe('Receive buffer asked of the kernel per socket; net.core.rmem_max caps it.'),
})
export type UdpServeOptions = z.infer<typeof UdpServeOptions>

/** How DNS over TCP is served (RFC 7766). */
export const TcpServeOptions = z.strictObject({
  idleTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(8_000)
    .describe('Close a connection on which nothing was completed for this long, in milliseconds.'),
  answerTimeoutMs: z
    .int()
    .min(1_000)
    .max(600_000)
    .default(60_000)
    .describe('Stop waiting for the answers to a connection’s queries, in milliseconds.'),
  maxConnections: z.int().min(1).max(65_536).default(1_024).describe('Connections in all.'),
  maxConnectionsPerClient: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .describe('Connections from one client address.'),
  maxQueriesInFlight: z
    .int()
    .min(1)
    .max(65_536)
    .default(128)
    .describe('Unanswered queries of one connection; further ones wait unread.'),
  maxQueryOctets: z
    .int()
    .min(512)
    .max(65_535)
    .default(16_384)
    .describe('Size of one query; a larger one closes the connection.'),
  maxQueuedOctets: z
    .int()
    .min(65_537)
    .max(67_108_864)
    .default(1_048_576)
    .describe('Answers that a client has not read yet; with more it is cut off.'),
})
export type TcpServeOptions = z.infer<typeof TcpServeOptions>

/** The sockets towards upstream servers. */
export const UpstreamSocketOptions = z.strictObject({
  maxSockets: z.int().min(8).max(65_536).default(512).describe('UDP sockets in all.'),
  maxConnections: z.int().min(1).max(65_536).default(256).describe('TCP connections in all.'),
  usesPerPort: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(512)
    .describe('Queries sent from one source port before another one is taken.'),
  portAgeMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(30_000)
    .describe('Age of a source port after which another one is taken, in milliseconds.'),
  lingerMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(15_000)
    .describe(
      'How long a source port that is not used any more waits for answers, in milliseconds.',
    ),
})
export type UpstreamSocketOptions = z.infer<typeof UpstreamSocketOptions>

export const ServeOptions = z.strictObject({
  udp: UdpServeOptions.prefault({}),
  tcp: TcpServeOptions.prefault({}),
  upstream: UpstreamSocketOptions.prefault({}),
})
export type ServeOptions = z.infer<typeof ServeOptions>
