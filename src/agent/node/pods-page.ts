import { z } from 'zod'

const ServedPod = z.looseObject({
  /** `NAMESPACE/NAME` */
  pod: z.string(),
  state: z.enum(['served', 'waiting', 'failed']),
  /** Why it is not served. */
  reason: z.string().optional(),
})

/** The pods of a node, as its agent tells of them. */
export const PodsPage = z.object({
  pods: z.array(ServedPod),
  /** By pod, why it is left alone. */
  left: z.record(z.string(), z.string()),
})
export type PodsPage = z.output<typeof PodsPage>
