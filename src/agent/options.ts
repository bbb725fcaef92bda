import { z } from 'zod'
import { AdminOptions } from '../admin/options.ts'
import { logLevels } from '../base/log.ts'
import { CaptureOptions } from '../capture/options.ts'
import { RelayOptions } from '../dataplane/options.ts'
import { FilesOptions } from '../files/options.ts'
import { familyOf, type IpFamily } from '../ip/address.ts'
import { tryParsePrefix } from '../ip/prefix.ts'
import { isSocketAddress } from '../ip/socket-address.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { ServeOptions } from '../serve/options.ts'

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

/** Everything an agent can be told. Defaults live here and in the options it is composed of. */
export const AgentOptions = z.strictObject({
  sources: z
    .array(z.string())
    .default([])
    .describe('Files and folders with ServiceEntries and other objects; folders are read whole.'),
  namespace: z
    .string()
    .min(1)
    .default('default')
    .describe('Namespace of this machine: decides what it sees, and short names.'),
  clusterDomain: z
    .string()
    .min(1)
    .default('cluster.local')
    .describe('Domain of Kubernetes Services.'),
  stateFolder: z
    .string()
    .default('/var/lib/meshdns')
    .describe('Folder of what must outlive a restart: virtual addresses.'),
  resolvConf: z
    .string()
    .default('/etc/resolv.conf')
    .describe('File that names the upstreams; it is followed while we run.'),
  listen: z
    .string()
    .refine(isListenAddress, 'must be ADDRESS:PORT, such as localhost:15053')
    .default('localhost:15053')
    .describe('Where questions are answered, ADDRESS:PORT; `localhost` is 127.0.0.1 and ::1.'),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .describe('From which level on log lines are written.'),
  captureEnabled: z
    .boolean()
    .default(false)
    .describe('Whether this machine’s DNS and connections to the mesh are caught.'),
  files: FilesOptions.prefault({}),
  capture: CaptureOptions.prefault({}),
  virtualAddresses: VirtualAddressOptions.prefault({}),
  resolver: ResolverOptions.prefault({}),
  serve: ServeOptions.prefault({}),
  relay: RelayOptions.prefault({}),
  admin: AdminOptions.prefault({}),
})
export type AgentOptions = z.infer<typeof AgentOptions>

/** As `listenAddresses` understands it. */
function isListenAddress(text: string): boolean {
  return isSocketAddress(text.replace(/^(?:localhost)?:/, '127.0.0.1:'))
}

function prefixOf(family: IpFamily) {
  return z.string().refine(
    (text) => {
      const prefix = tryParsePrefix(text)
      return prefix !== undefined && familyOf(prefix.network) === family
    },
    { error: `must be an IPv${family} range, ADDRESS/LENGTH` },
  )
}
