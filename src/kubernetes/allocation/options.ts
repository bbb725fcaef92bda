import { z } from 'zod'

/** Who gives out virtual addresses in a cluster, and how fast. */
export const ClusterAllocationOptions = z.strictObject({
  mode: z
    .enum(['auto', 'lead', 'read'])
    .default('auto')
    .describe(
      'Whether this controller writes virtual addresses into ServiceEntries: lead does, read only uses what stands there, auto does while no istiod is seen to do it.',
    ),
  istiodNamespace: z
    .string()
    .default('')
    .describe(
      'Namespace of an istiod whose allocation is looked for; empty for all namespaces that we may look into.',
    ),
  writesPerSecond: z
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('How many ServiceEntries get their addresses written in a second, at most.'),
})
export type ClusterAllocationOptions = z.infer<typeof ClusterAllocationOptions>
