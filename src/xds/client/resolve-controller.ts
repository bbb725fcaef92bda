import { readFile } from 'node:fs/promises'
import { hostKey, parseHosts } from '../../config/hosts-file.ts'
import type { ResolvConf } from '../../config/resolv-conf.ts'
import type { IpAddress, IpFamily } from '../../ip/address.ts'
import { contains, type Prefix } from '../../ip/prefix.ts'

export interface ResolvePorts {
  /** Asks the upstreams, never the mesh. */
  lookup(name: string, family: IpFamily): Promise<{ readonly addresses: readonly IpAddress[] }>
  resolvConf(): Pick<ResolvConf, 'search' | 'ndots'>
  /** Virtual addresses: a controller is not behind one, whoever says so. */
  readonly virtualPrefixes: readonly Prefix[]
  readonly hostsFile: string
}

/**
 * Finds the addresses of a controller's name as libc would without us: the hosts file, then the
 * upstreams, with the search list.
 *
 * What it makes rejects with the last failure when no name of the search has an address.
 */
export function createControllerResolve(
  ports: ResolvePorts,
): (host: string) => Promise<readonly IpAddress[]> {
  return async (host) => {
    const listed = parseHosts(await readHosts(ports.hostsFile)).get(hostKey(host)) ?? []
    if (listed.length > 0) return listed.filter(isReal)
    let failure: unknown
    for (const name of namesFor(host, ports.resolvConf())) {
      const found = await Promise.allSettled([ports.lookup(name, 4), ports.lookup(name, 6)])
      const addresses = found.flatMap((one) =>
        one.status === 'fulfilled' ? one.value.addresses : [],
      )
      if (addresses.length > 0) return addresses.filter(isReal)
      failure = found.find((one) => one.status === 'rejected')?.reason ?? failure
    }
    if (failure !== undefined) throw failure
    return []
  }

  function isReal(address: IpAddress): boolean {
    return !ports.virtualPrefixes.some((prefix) => contains(prefix, address))
  }
}

/** What is asked for, in order (resolv.conf(5), `ndots`). */
function namesFor(
  host: string,
  { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>,
): readonly string[] {
  const name = hostKey(host)
  if (host.endsWith('.')) return [name]
  const expanded = search.map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...expanded] : [...expanded, name]
}

/** A machine may have none. */
async function readHosts(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
