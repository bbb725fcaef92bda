import { type Hostname, isWildcard } from './hostname.ts'

/** Whether a name is the host itself, or one of those that a wildcard host stands for, at any depth. */
export function matchesHost(host: Hostname, name: Hostname): boolean {
  if (!isWildcard(host)) return host === name
  const ending = host.slice(1)
  return name.length > ending.length && name.endsWith(ending)
}
