import { z } from 'zod'

/** How the replicas of a controller agree on the one that writes. */
export const LeaderOptions = z
  .strictObject({
    leaseSeconds: z
      .int()
      .min(3)
      .max(3_600)
      .default(30)
      .describe('How long a leader that is not heard of any more is still waited for, in seconds.'),
    renewDeadlineSeconds: z
      .int()
      .min(2)
      .max(3_600)
      .default(15)
      .describe(
        'How long a leader goes on without having renewed its lease, in seconds; less than leaseSeconds.',
      ),
    retrySeconds: z
      .number()
      .min(0.5)
      .max(600)
      .default(7.5)
      .describe(
        'Between two looks at the lease, in seconds; less than renewDeadlineSeconds. A little is added at random.',
      ),
  })
  .refine((options) => options.renewDeadlineSeconds < options.leaseSeconds, {
    path: ['renewDeadlineSeconds'],
    error: 'must be less than leaseSeconds, or two could lead at a time',
  })
  .refine((options) => options.retrySeconds < options.renewDeadlineSeconds, {
    path: ['retrySeconds'],
    error: 'must be less than renewDeadlineSeconds, or a leader could never renew',
  })
export type LeaderOptions = z.infer<typeof LeaderOptions>
