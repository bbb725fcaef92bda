import { z } from 'zod'
import { familyOf, type IpFamily } from '../ip/address.ts'
import { tryParsePrefix } from '../ip/prefix.ts'

/** Where virtual addresses come from. */
export const VirtualAddressOptions = z.strictObject({
  allocate: z
    .boolean()
    .default(true)
    .describe('Whether services without an address get a virtual one.'),
  v4Prefix: prefixOf(4)
    .default('240.240.0.0/16')
    .describe('Range of virtual IPv4 addresses; addresses already given out stay.'),
  v6Prefix: prefixOf(6)
    .default('2001:2::/48')
    .describe('Range of virtual IPv6 addresses; addresses already given out stay.'),
  restSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe(
      'How long the address of a host that went away rests before another host gets it, in seconds; twice the TTL at least.',
    ),
})
export type VirtualAddressOptions = z.infer<typeof VirtualAddressOptions>

function prefixOf(family: IpFamily) {
  return z.string().refine(
    (text) => {
      const prefix = tryParsePrefix(text)
      return prefix !== undefined && familyOf(prefix.network) === family
    },
    { error: `must be an IPv${family} range, ADDRESS/LENGTH` },
  )
}
