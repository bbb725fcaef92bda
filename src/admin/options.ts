import { z } from 'zod'
import { isSocketAddress } from '../ip/socket-address.ts'

const socketAddress = z
  .string()
  .refine(
    (text) => isSocketAddress(text.replace(/^\*:/, '127.0.0.1:')),
    'must be ADDRESS:PORT, such as 127.0.0.1:15020, or *:PORT',
  )

/** The pages that the agent shows to probes, scrapers and people. */
export const AdminOptions = z.strictObject({
  address: socketAddress
    .default('127.0.0.1:15020')
    .describe(
      'Where metrics, health and debug pages are served, as ADDRESS:PORT; `*` is every address of the machine. Debug pages are for callers on this machine, wherever they are served.',
    ),
  readinessAddress: socketAddress
    .default('127.0.0.1:15021')
    .describe('Where /healthz/ready is served, as ADDRESS:PORT; `*` is every address.'),
  allowedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Host names, besides localhost and plain addresses, under which the pages may be asked for.',
    ),
  maxConnections: z.int().min(1).max(10_000).default(64).describe('Connections per address.'),
})
export type AdminOptions = z.infer<typeof AdminOptions>
