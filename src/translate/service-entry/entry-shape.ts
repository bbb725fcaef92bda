import { z } from 'zod'
import { mapOf, WorkloadShape } from '../workload/workload-shape.ts'

/** Enumerations are written as names; protobuf's JSON takes their numbers as well. */
const Enumeration = z.union([z.string(), z.number()])

/** Hosts, and addresses, of one ServiceEntry (Istio: its definition). */
export const mostListed = 256

const PortShape = z.strictObject({
  number: z.number().nullish(),
  name: z.string().max(256).nullish(),
  protocol: z.string().max(256).nullish(),
  targetPort: z.number().nullish(),
})

/** The `spec` of a ServiceEntry with the limits of Istio's CRD; what values mean is left to the rules. */
export const EntryShape = z.strictObject({
  hosts: z.array(z.string()).max(mostListed).nullish(),
  addresses: z.array(z.string().max(64)).max(mostListed).nullish(),
  ports: z.array(PortShape.nullable()).max(256).nullish(),
  location: Enumeration.nullish(),
  resolution: Enumeration.nullish(),
  endpoints: z.array(WorkloadShape.nullable()).max(4096).nullish(),
  workloadSelector: z.strictObject({ labels: mapOf(z.string().max(63), 256).nullish() }).nullish(),
  exportTo: z.array(z.string()).nullish(),
  subjectAltNames: z.array(z.string()).nullish(),
})
export type EntryShape = z.infer<typeof EntryShape>
