import { z } from 'zod'
import { mapOf } from '../workload/workload-shape.ts'

const Egress = z.strictObject({
  port: z.looseObject({}).nullish(),
  bind: z.string().nullish(),
  captureMode: z.union([z.string(), z.number()]).nullish(),
  hosts: z.array(z.string()).nullish(),
})

/** The `spec` of a Sidecar; what only a proxy with listeners of its own needs is not looked into. */
export const SidecarShape = z.strictObject({
  workloadSelector: z.strictObject({ labels: mapOf(z.string().max(63), 256).nullish() }).nullish(),
  ingress: z.array(z.looseObject({})).nullish(),
  egress: z.array(Egress.nullable()).nullish(),
  inboundConnectionPool: z.looseObject({}).nullish(),
  outboundTrafficPolicy: z.looseObject({}).nullish(),
})
export type SidecarShape = z.infer<typeof SidecarShape>
