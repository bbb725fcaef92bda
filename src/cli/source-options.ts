import { VirtualAddressOptions } from '../allocate/options.ts'
import type { OptionSpec } from './command.ts'

const { v4Prefix, v6Prefix } = VirtualAddressOptions.parse({})

/** Which objects there are. */
export const fileOption: OptionSpec = {
  flags: '-f, --file <path>',
  summary: 'file or folder with objects, YAML or JSON; - is standard input',
  repeatable: true,
}

/** How objects are understood, and through whose eyes names are seen. */
export const readingOptions: readonly OptionSpec[] = [
  {
    flags: '-n, --namespace <name>',
    summary: 'namespace of the application, and of objects that name none',
    env: 'POD_NAMESPACE',
    fallback: 'default',
  },
  {
    flags: '--cluster-domain <name>',
    summary: 'domain of Kubernetes Services',
    fallback: 'cluster.local',
  },
]

export const rangeOptions: readonly OptionSpec[] = [
  {
    flags: '--virtual-addresses-v4-prefix <prefix>',
    summary: 'where virtual IPv4 addresses come from',
    env: 'PILOT_IP_AUTOALLOCATE_IPV4_PREFIX',
    fallback: v4Prefix,
  },
  {
    flags: '--virtual-addresses-v6-prefix <prefix>',
    summary: 'where virtual IPv6 addresses come from',
    env: 'PILOT_IP_AUTOALLOCATE_IPV6_PREFIX',
    fallback: v6Prefix,
  },
]

/** What `readOfflineMesh` reads: the same for every command that shows the mesh. */
export const sourceOptions: readonly OptionSpec[] = [
  fileOption,
  ...readingOptions,
  {
    flags: '--state-folder <path>',
    summary: 'state folder of an agent, for the virtual addresses that it has given out',
  },
  ...rangeOptions,
]
