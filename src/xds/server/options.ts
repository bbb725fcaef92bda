import { z } from 'zod'
import { isSocketAddress } from '../../ip/socket-address.ts'

const socketAddress = z
  .string()
  .refine(isSocketAddress, 'must be ADDRESS:PORT, such as 127.0.0.1:15010')

/** What a server does with connections and streams before it knows who is there, and how many it has. */
export const XdsLimitOptions = z.strictObject({
  maxConnections: z.int().min(1).max(1_000_000).default(20_000).describe('Connections in all.'),
  maxConnectionsPerAddress: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(4_096)
    .describe('Connections from one address; an IPv6 network of 64 bits counts as one.'),
  newConnectionsPerSecond: z
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .describe('New connections from one address and second, in the long run.'),
  newConnectionsBurst: z
    .int()
    .min(1)
    .max(100_000)
    .default(2_000)
    .describe('New connections that one address may make at once after a quiet time.'),
  handshakeTimeoutMs: z
    .int()
    .min(100)
    .max(120_000)
    .default(10_000)
    .describe('Time to finish the TLS handshake, in milliseconds.'),
  firstRequestTimeoutMs: z
    .int()
    .min(100)
    .max(120_000)
    .default(30_000)
    .describe(
      'Time from a connection to its first call, and from each call to its first message, in milliseconds.',
    ),
  idleTimeoutMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('Close a connection that has had no call for this long, in milliseconds.'),
  maxRequestOctets: z
    .int()
    .min(65_536)
    .max(268_435_456)
    .default(33_554_432)
    .describe(
      'Size of one request; the first one of an agent names all that it holds, about 80 octets for each.',
    ),
  maxStreams: z.int().min(1).max(1_000_000).default(20_000).describe('Streams in all.'),
  maxStreamsPerConnection: z
    .int()
    .min(1)
    .max(1_000)
    .default(16)
    .describe('Calls that one connection may have open.'),
  maxNamesPerStream: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(50_000)
    .describe('Names and aliases that a stream may subscribe to one by one.'),
})
export type XdsLimitOptions = z.infer<typeof XdsLimitOptions>

/** The xDS server of a controller. */
export const XdsServerOptions = z.strictObject({
  plaintextAddress: socketAddress
    .default('127.0.0.1:15010')
    .describe(
      'Where xDS is served without TLS, as ADDRESS:PORT; loopback, if `plaintextOpen` does not say otherwise.',
    ),
  plaintextOpen: z
    .boolean()
    .default(false)
    .describe(
      'Whether xDS without TLS may be served beyond loopback, to anybody who can reach it.',
    ),
  tlsAddresses: z
    .array(socketAddress)
    .default(['0.0.0.0:15012', '[::]:15012'])
    .describe(
      'Where xDS is served over TLS, as ADDRESS:PORT; an IPv6 one is passed over where there is no IPv6.',
    ),
  minTlsVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe('The oldest TLS that is spoken.'),
  identityCheck: z
    .boolean()
    .default(true)
    .describe(
      'Whether a stream over TLS may only claim the namespace and service account of its identity.',
    ),
  pushQuietMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe(
      'After a push, wait until nothing changed for this long before the next, in milliseconds.',
    ),
  pushMaxDelayMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(100)
    .describe('Never let a change wait longer than this, in milliseconds.'),
  pageOctets: z
    .int()
    .min(4_096)
    .max(67_108_864)
    .default(1_048_576)
    .describe('Size of one response of a long answer.'),
  ackTimeoutMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(120_000)
    .describe('End a stream that has not acknowledged a response for this long, in milliseconds.'),
  keepaliveTimeMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(30_000)
    .describe('Ask a connection for a sign of life this often, in milliseconds.'),
  keepaliveTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('Close it when the sign does not come in this time, in milliseconds.'),
  maxConnectionAgeMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(1_800_000)
    .describe('Tell a connection to go after this long, a tenth more or less, in milliseconds.'),
  maxConnectionAgeGraceMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('Close it when it has not gone after this long, in milliseconds.'),
  stopTimeoutMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(3_000)
    .describe('Time for connections to end when the server stops, in milliseconds.'),
  limits: XdsLimitOptions.prefault({}),
})
export type XdsServerOptions = z.infer<typeof XdsServerOptions>
