import { type IpAddress, tryParseIp } from '../ip/address.ts'

/**
 * The addresses of each name in a hosts file (hosts(5)), in the order given.
 *
 * Names are in lower case. Lines that make no sense mean nothing.
 */
export function parseHosts(text: string): ReadonlyMap<string, readonly IpAddress[]> {
  const hosts = new Map<string, IpAddress[]>()
  for (const line of text.split('\n')) {
    const [first = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const address = tryParseIp(first)
    if (address === undefined) continue
    for (const name of names.map(hostKey)) {
      const held = hosts.get(name)
      if (!held) hosts.set(name, [address])
      else if (!held.includes(address)) held.push(address)
    }
  }
  return hosts
}

/** A name as the map has it. */
export function hostKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
