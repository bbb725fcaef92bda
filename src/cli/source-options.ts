import type { OptionSpec } from './command.ts'

export const fileOption: OptionSpec = {
  flags: '-f, --file <path>',
  summary: 'file or folder with objects, YAML or JSON; - is standard input',
  repeatable: true,
}

/** Through whose eyes names are seen. */
const namespaceOption: OptionSpec = {
  flags: '-n, --namespace <name>',
  summary: 'namespace of the application, and of objects that name none',
  env: 'POD_NAMESPACE',
  fallback: 'default',
}

/** Where objects come from and how they are understood: the same for every command that reads them. */
export const sourceOptions: readonly OptionSpec[] = [
  fileOption,
  namespaceOption,
  {
    flags: '--state-folder <path>',
    summary: 'state folder of an agent, for the virtual addresses that it has given out',
  },
  {
    flags: '--cluster-domain <name>',
    summary: 'domain of Kubernetes Services',
    fallback: 'cluster.local',
  },
  {
    flags: '--virtual-addresses-v4-prefix <prefix>',
    summary: 'where virtual IPv4 addresses come from',
    env: 'PILOT_IP_AUTOALLOCATE_IPV4_PREFIX',
    fallback: '240.240.0.0/16',
  },
  {
    flags: '--virtual-addresses-v6-prefix <prefix>',
    summary: 'where virtual IPv6 addresses come from',
    env: 'PILOT_IP_AUTOALLOCATE_IPV6_PREFIX',
    fallback: '2001:2::/48',
  },
]
