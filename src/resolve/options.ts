import { z } from 'zod'

/** How questions are answered. Defaults live here only. */
export const ResolverOptions = z.strictObject({
  ttlSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(30)
    .describe('Life time of answers from the mesh, in seconds.'),
  udpPayloadOctets: z
    .int()
    .min(512)
    .max(4_096)
    .default(1_232)
    .describe('UDP payload that we announce (RFC 6891 §6.2.3; 1232 fits one IPv6 packet).'),
  cachedAnswers: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(16_384)
    .describe('Answers kept ready-made; the oldest makes room.'),
  maxPending: z
    .int()
    .min(1)
    .max(60_000)
    .default(4_096)
    .describe(
      'Questions that may wait for an upstream at one time; more are refused with SERVFAIL.',
    ),
  forwardTimeoutMs: z
    .int()
    .min(10)
    .max(60_000)
    .optional()
    .describe(
      'Wait for one upstream, in milliseconds; resolv.conf says (`timeout`) when this does not.',
    ),
  forwardParallel: z
    .boolean()
    .default(false)
    .describe('Ask all upstreams at once and take the first good reply.'),
})
export type ResolverOptions = z.infer<typeof ResolverOptions>
