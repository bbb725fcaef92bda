import { z } from 'zod'

/** How files of configuration are read and followed. */
export const FilesOptions = z.strictObject({
  sizeLimitOctets: z
    .int()
    .min(1)
    .max(512 * 1024 * 1024)
    .default(32 * 1024 * 1024)
    .describe('Largest file of configuration that is read; larger ones are refused.'),
  settleMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe('Quiet time after a change of a file before it is read, in milliseconds.'),
  pollMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(5_000)
    .describe('How often to look for changes that the kernel does not report, in milliseconds.'),
})
export type FilesOptions = z.infer<typeof FilesOptions>
