import { parseIp, tryParseIp } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'

/** What a resolver configuration file says (resolv.conf(5)). */
export interface ResolvConf {
  /**
   * All servers in the order given, each once, port 53. Never empty: a file that names none means
   * the server on this machine, 127.0.0.1.
   */
  readonly nameservers: readonly SocketAddress[]
  /**
   * Lower case, without the last dot, in order; of `search` and `domain` the last line wins. Empty
   * when the file has neither: what libc makes of the machine's own name is not read.
   */
  readonly search: readonly string[]
  /** Names with fewer dots are tried with the search list first. */
  readonly ndots: number
  /** How long to wait for one server; missing when the file does not say (libc: 5). */
  readonly timeoutSeconds?: number
  /** How often the list of servers is gone through. */
  readonly attempts: number
  /** Whether servers take turns instead of the first one always being asked first. */
  readonly rotate: boolean
  /** Whether questions go over TCP from the start. */
  readonly useVc: boolean
  /** Whether questions carry EDNS. */
  readonly edns0: boolean
  /** Whether the servers' AD bit may be believed. */
  readonly trustAd: boolean
  /** Whether AAAA is not asked for. */
  readonly noAaaa: boolean
  /** Lines, counted from 1, that mean nothing to us. */
  readonly ignored: readonly { readonly line: number; readonly text: string }[]
}

/** The values that a file may not exceed; libc lowers larger ones silently, and so do we. */
const limits = {
  ndots: { min: 0, max: 15 },
  timeout: { min: 1, max: 30 },
  attempts: { min: 1, max: 5 },
}

/** Domains that a pod of the namespace searches (Kubernetes: dnsPolicy ClusterFirst). */
export function clusterSearch(namespace: string, clusterDomain: string): readonly string[] {
  return [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
}

/**
 * Reads the text of a resolv.conf. Never fails: a line that makes no sense is ignored, as libc does.
 *
 * Unlike there, all nameservers count and not only the first three, and lines may be indented.
 */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers = new Map<string, SocketAddress>()
  let search: readonly string[] = []
  const options: string[] = []
  const ignored: { readonly line: number; readonly text: string }[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const [keyword = '', ...values] = readWords(line)
    if (keyword === '') continue
    const server = keyword === 'nameserver' ? readServer(values[0] ?? '') : undefined
    if (server) nameservers.set(`${server.address}%${server.zone ?? ''}`, server)
    else if (keyword === 'options') options.push(...values)
    else if (keyword === 'domain' && values[0] !== undefined) search = readDomains([values[0]])
    else if (keyword === 'search' && values.length > 0) search = readDomains(values)
    else if (keyword !== 'sortlist') ignored.push({ line: index + 1, text: line.trim() })
  }
  if (nameservers.size === 0) nameservers.set('', { address: parseIp('127.0.0.1'), port: 53 })
  return { nameservers: [...nameservers.values()], search, ...readOptions(options), ignored }
}

/** The words of a line up to a comment, which begins with `#` or `;` at the start of a word. */
function readWords(line: string): readonly string[] {
  const words = line.split(/\s+/).filter((word) => word !== '')
  const comment = words.findIndex((word) => /^[#;]/.test(word))
  return comment < 0 ? words : words.slice(0, comment)
}

/** An address, with the interface it is on where it is link-local (RFC 4007 §11). */
function readServer(word: string): SocketAddress | undefined {
  const [text = '', zone] = (/^[^#;]*/.exec(word)?.[0] ?? '').split('%')
  const address = tryParseIp(text)
  if (address === undefined) return undefined
  return zone === undefined || zone === '' ? { address, port: 53 } : { address, port: 53, zone }
}

/** Leaves out the root and what cannot end a name (RFC 1035 §2.3.4). */
function readDomains(words: readonly string[]): readonly string[] {
  const domains = words.map((word) => word.toLowerCase().replace(/\.$/, ''))
  const fits = (domain: string) =>
    domain.length <= 253 && domain.split('.').every((part) => part !== '' && part.length <= 63)
  return [...new Set(domains.filter(fits))]
}

/** Of an option that is given twice the last one wins; unknown ones are for libc itself. */
function readOptions(words: readonly string[]) {
  const timeoutSeconds = readNumber(words, 'timeout')
  return {
    ndots: readNumber(words, 'ndots') ?? 1,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    attempts: readNumber(words, 'attempts') ?? 2,
    rotate: words.includes('rotate'),
    useVc: words.includes('use-vc'),
    edns0: words.includes('edns0'),
    trustAd: words.includes('trust-ad'),
    noAaaa: words.includes('no-aaaa'),
  }
}

function readNumber(words: readonly string[], name: keyof typeof limits): number | undefined {
  const given = words.filter((word) => new RegExp(`^${name}:\\d+$`).test(word)).at(-1)
  if (given === undefined) return undefined
  const { min, max } = limits[name]
  return Math.min(max, Math.max(min, Number(given.slice(name.length + 1))))
}
