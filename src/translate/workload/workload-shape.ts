import { z } from 'zod'

/** A map with text keys of at most `limit` entries. */
export function mapOf<T extends z.ZodType>(value: T, limit: number) {
  return z.record(z.string(), value).refine((map) => Object.keys(map).length <= limit, {
    message: `is too large: at most ${limit} entries`,
  })
}

/** Where a workload runs, with the limits of Istio's CRD; a ServiceEntry's `endpoints` have it too. */
export const WorkloadShape = z.strictObject({
  address: z.string().max(256).nullish(),
  ports: mapOf(z.number(), 128).nullish(),
  labels: mapOf(z.string(), 256).nullish(),
  network: z.string().max(2048).nullish(),
  locality: z.string().max(2048).nullish(),
  weight: z.int().min(0).max(4_294_967_295).nullish(),
  serviceAccount: z.string().max(253).nullish(),
})
export type WorkloadShape = z.infer<typeof WorkloadShape>
