import { z } from 'zod'
import { isSocketAddress } from '../ip/socket-address.ts'

/** How connections are relayed. Defaults live here only; they are Envoy's where it has one. */
export const RelayOptions = z.strictObject({
  listen: z
    .array(z.string().refine(isSocketAddress, 'must be ADDRESS:PORT, such as 127.0.0.1:15001'))
    .default(['127.0.0.1:15001', '[::1]:15001'])
    .describe('Where captured connections arrive.'),
  unknownDestination: z
    .enum(['ALLOW_ANY', 'REGISTRY_ONLY'])
    .default('ALLOW_ANY')
    .describe(
      'Whether connections to what the mesh does not know are let through, or caught and refused; those of root’s own agent are never caught.',
    ),
  undeclaredPort: z
    .enum(['REJECT', 'PASSTHROUGH'])
    .default('REJECT')
    .describe(
      'What becomes of a connection to a virtual address on a port that no entry declares: refused, or carried to what the host name really stands for.',
    ),
  connectTimeoutMs: z
    .int()
    .min(10)
    .max(600_000)
    .default(10_000)
    .describe('Wait for one endpoint to accept, in milliseconds; then the next one is tried.'),
  connectBudgetMs: z
    .int()
    .min(10)
    .max(600_000)
    .default(30_000)
    .describe('Time for all endpoints of one connection, in milliseconds; then it is refused.'),
  avoidMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(10_000)
    .describe('How long an endpoint that failed is tried last, in milliseconds.'),
  idleTimeoutMs: z
    .int()
    .min(100)
    .max(604_800_000)
    .default(3_600_000)
    .describe('Reset a connection on which nothing moved for this long, in milliseconds.'),
  peekTimeoutMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(5_000)
    .describe('Wait for the name that a client sends (TLS or HTTP), in milliseconds.'),
  drainMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(5_000)
    .describe('How long connections may go on after a stop, in milliseconds.'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Connections at one time; more are refused. Each may hold 512 KiB at most.'),
  maxNames: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .describe('Names of endpoints whose addresses are remembered.'),
  maxLookups: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .describe('Names that are looked up at one time; further ones wait.'),
})
export type RelayOptions = z.infer<typeof RelayOptions>
