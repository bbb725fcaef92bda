import { z } from 'zod'

/** How machines become entries of their WorkloadGroup by connecting. */
export const RegistrationOptions = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether machines with AUTO_REGISTER_GROUP become WorkloadEntries.'),
  healthChecks: z
    .boolean()
    .default(true)
    .describe(
      'Whether such a machine with a probe is an endpoint only while it says that it is healthy.',
    ),
  identityCheck: z
    .boolean()
    .default(true)
    .describe(
      'Whether a machine has to show that it is of the namespace and the service account of its group; without it, so may everybody who reaches a port.',
    ),
  graceMs: z
    .int()
    .min(100)
    .max(86_400_000)
    .default(10_000)
    .describe(
      'How long the entry of a machine that went away is kept, in milliseconds; ten times as long after a restart of the controller.',
    ),
  maxEntries: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .describe('Machines that may be registered at a time; more are refused.'),
})
export type RegistrationOptions = z.infer<typeof RegistrationOptions>
