import { z } from 'zod'

/** How an agent lives with its controllers. */
export const ControllerOptions = z.strictObject({
  addresses: z
    .array(
      z
        .string()
        .refine(isControllerAddress, 'must be HOST:PORT, such as istiod.istio-system.svc:15012'),
    )
    .default([])
    .meta({
      flag: 'controller',
      description:
        'Controllers that the services come from, HOST:PORT, instead of `sources`; tried in turn.',
    }),
  tls: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'Whether controllers are spoken to over TLS; `auto`: unless the port is 15010, where Istio has none.',
    ),
  serverName: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Name that the controller’s certificate must have; the host of its address if unset.',
    ),
  hostsFile: z
    .string()
    .default('/etc/hosts')
    .describe('Where names of controllers are looked up before the upstreams are asked.'),
  reconnectMinMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(250)
    .describe(
      'Longest wait before the first try after a lost connection, in milliseconds; it doubles with each try, and the real wait is drawn below it.',
    ),
  reconnectMaxMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('Longest wait between two tries to connect, in milliseconds.'),
  connectTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('How long one connection may take to be made, in milliseconds.'),
  silenceTimeoutMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe(
      'Give up a stream that says nothing for this long before it has sent the whole table, in milliseconds.',
    ),
  fallbackAfterMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(5_000)
    .describe(
      'Ask for a name table as well when nobody answers for workload discovery, in milliseconds.',
    ),
  firstTableMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(0)
    .describe(
      'How long we are not ready for want of a table, in milliseconds, when none was saved; questions are answered meanwhile.',
    ),
  saveEveryMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(2_000)
    .describe(
      'How often the table is written to the state folder when it changed, in milliseconds.',
    ),
  maxResources: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(4_000_000)
    .describe(
      'Services and workloads that are taken from a controller; what goes beyond is refused.',
    ),
})
export type ControllerOptions = z.infer<typeof ControllerOptions>

/** HOST:PORT, where an IPv6 address stands in brackets. */
export function isControllerAddress(text: string): boolean {
  const match = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+):(\d{1,5})$/i.exec(text)
  const port = Number(match?.[1])
  return match !== null && port > 0 && port <= 65_535
}
