import { z } from 'zod'
import { tryParsePrefix } from '../ip/prefix.ts'

const id = z.int().min(0).max(4_294_967_294)
const port = z.int().min(1).max(65_535)

/** What is caught of this machine's traffic, and how. */
export const CaptureOptions = z.strictObject({
  backend: z
    .enum(['auto', 'nftables', 'iptables'])
    .default('auto')
    .describe('Program that sets the rules; `auto` takes nftables where it works.'),
  rules: z
    .enum(['own', 'given'])
    .default('own')
    .describe(
      'Who sets the rules: the agent itself (`own`), or somebody before it, such as the init container of a pod (`given`); those are neither changed nor removed.',
    ),
  lingerMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe(
      'How long after a stop everything goes on as before where rules are given, in milliseconds: they go on catching for as long as there are applications.',
    ),
  dns: z
    .enum(['nameservers', 'all', 'none'])
    .default('nameservers')
    .describe('Questions to catch: those for the servers of resolv.conf, all, or none.'),
  exemptUids: z
    .array(id)
    .default([])
    .describe('Users whose traffic is left alone, besides the user of the agent.'),
  exemptGids: z
    .array(id)
    .default([])
    .describe('Groups whose traffic is left alone, besides the group of the agent.'),
  mark: z
    .int()
    .min(1)
    .max(0xffff_ffff)
    .default(1_338)
    .describe('Mark (SO_MARK) of the sockets of the agent, which are left alone.'),
  excludedPorts: z
    .array(port)
    .default([])
    .describe(
      'Destination ports that are left alone, TCP and UDP; 53 turns capture of questions off.',
    ),
  includedRanges: z
    .array(
      z
        .string()
        .refine((text) => text === '*' || tryParsePrefix(text), 'must be ADDRESS/LENGTH or *'),
    )
    .default([])
    .describe(
      'Destination ranges (ADDRESS/LENGTH) that connections are caught to; without one, or with `*`, those of every address of the mesh. Virtual addresses always are.',
    ),
  excludedRanges: z
    .array(z.string().refine((text) => tryParsePrefix(text), 'must be ADDRESS/LENGTH'))
    .default([])
    .describe('Destination ranges (ADDRESS/LENGTH) that are left alone, TCP only.'),
})
export type CaptureOptions = z.infer<typeof CaptureOptions>
