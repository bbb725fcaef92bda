import { isIP } from 'node:net'

/**
 * Whether a request may have meant us by this `Host`: an address, localhost, or an allowed name.
 *
 * A web page can make its own name point here (DNS rebinding), but it cannot choose what the browser
 * sends as the host. Programs that send none are not browsers.
 */
export function isTrustedHost(header: string | undefined, allowed: readonly string[]): boolean {
  if (header === undefined || header === '') return true
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header)
  const host = plain(match?.[1] ?? match?.[2] ?? '')
  if (match?.[1] !== undefined) return isIP(host) === 6
  return isIP(host) === 4 || host === 'localhost' || allowed.some((name) => plain(name) === host)
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
