import { z } from 'zod'
import { isSocketAddress } from '../ip/socket-address.ts'

/** How the questions of an API server are answered (Kubernetes: admission webhooks). */
export const AdmissionOptions = z.strictObject({
  addresses: z
    .array(z.string().refine(isSocketAddress, 'must be ADDRESS:PORT, such as 0.0.0.0:15017'))
    .default(['0.0.0.0:15017', '[::]:15017'])
    .describe('Where webhooks are served, over TLS; a family that the machine lacks is left out.'),
  maxConnections: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe(
      'Connections at one address; an API server needs a few. Who comes when there are more takes the place of the one that was silent for longest.',
    ),
  maxBodyOctets: z
    .int()
    .min(1_024)
    .max(64 * 1024 * 1024)
    .default(7 * 1024 * 1024)
    .describe(
      'Size of one request. An object may have 3 MiB (the limit of the API server), and an update brings two.',
    ),
  requestTimeoutMs: z
    .int()
    .min(100)
    .max(120_000)
    .default(10_000)
    .describe('Time for a request to come in whole, in milliseconds.'),
  idleTimeoutMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(300_000)
    .describe('Close a connection that says nothing for this long, in milliseconds.'),
})
export type AdmissionOptions = z.infer<typeof AdmissionOptions>
