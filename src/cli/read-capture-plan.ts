import { noAddresses } from '../capture/address-set.ts'
import type { CapturePlan, DnsCapture } from '../capture/plan.ts'
import { tryParseBoolean } from '../config/go-boolean.ts'
import { familyOf, type IpAddress, type IpFamily } from '../ip/address.ts'
import { type Prefix, tryParsePrefix } from '../ip/prefix.ts'
import type { OptionValues } from './option-values.ts'
import { UsageError } from './usage-error.ts'

/** What rules depend on besides the words. */
export interface CaptureSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** In which the pod or machine reaches others. */
  readonly families: readonly IpFamily[]
  /** Servers that a file such as /etc/resolv.conf names. */
  readonly nameservers: (file: string) => readonly IpAddress[]
}

/**
 * The rules that the words of `captureOptions` ask for.
 * @throws {UsageError} when a word makes no sense; its message names the option.
 */
export function readCapturePlan(
  options: OptionValues,
  surroundings: CaptureSurroundings,
): CapturePlan {
  const uids = readIds(options, 'proxy-uid')
  const included = readList(options, 'istio-service-cidr')
  const everything = included.includes('*')
  return {
    dns: readDns(options, surroundings),
    tcp: everything
      ? 'outgoing'
      : {
          ranges: readRanges(options, 'istio-service-cidr'),
          ports: readPorts(options, 'istio-outbound-ports'),
        },
    agentPort: readPort(options, 'agent-port'),
    relayPort: readPort(options, 'envoy-port'),
    virtualPrefixes: [
      ...readRanges(options, 'virtual-addresses-v4-prefix'),
      ...readRanges(options, 'virtual-addresses-v6-prefix'),
    ],
    addresses: noAddresses,
    exempt: {
      uids,
      gids: options.isGiven('proxy-gid') ? readIds(options, 'proxy-gid') : uids,
    },
    excluded: {
      ports: readPorts(options, 'istio-local-outbound-ports-exclude'),
      prefixes: readRanges(options, 'istio-service-exclude-cidr'),
      interfaces: readItems(options, 'istio-exclude-interfaces', {
        must: 'be the name of a network interface',
        read: (item) => (/^[\w.:@-]{1,15}$/.test(item) ? item : undefined),
      }),
    },
    ipv6: surroundings.families.includes(6),
  }
}

/** Whether a switch is on: by its word alone, or by `true` behind it or in its variable. */
export function isOn(options: OptionValues, name: string): boolean {
  const text = options.text(name)
  if (text === undefined) return options.has(name)
  return readBoolean(text, `--${name}`)
}

/** Where questions shall be caught, but no server is known whose they could be, none are. */
function readDns(
  options: OptionValues,
  { env, families, nameservers }: CaptureSurroundings,
): DnsCapture {
  const switched = env['ISTIO_META_DNS_CAPTURE'] ?? ''
  const given = options.isGiven('redirect-dns') && !options.isFromEnvironment('redirect-dns')
  const isWanted =
    given || switched === ''
      ? isOn(options, 'redirect-dns')
      : readBoolean(switched, 'ISTIO_META_DNS_CAPTURE')
  if (!isWanted) return 'none'
  if (isOn(options, 'capture-all-dns')) return 'all'
  const all = nameservers(options.text('resolv-conf') ?? '')
  const reached = all.filter((address) => familyOf(address) === 4 || families.includes(6))
  return { nameservers: reached }
}

interface Reading<T> {
  /** What an item must do, for the message. */
  readonly must: string
  /** `undefined` when it does not. */
  readonly read: (item: string) => T | undefined
}

function readItems<T>(options: OptionValues, name: string, { must, read }: Reading<T>): T[] {
  return readList(options, name).map((item) => {
    const value = read(item)
    if (value !== undefined) return value
    throw new UsageError(`--${name}: ${JSON.stringify(item)} must ${must}`)
  })
}

function readRanges(options: OptionValues, name: string): Prefix[] {
  return readItems(options, name, { must: 'be a range, ADDRESS/LENGTH', read: tryParsePrefix })
}

function readPorts(options: OptionValues, name: string): number[] {
  const read = (item: string) => tryNumber(item, { least: 1, most: 65_535 })
  return readItems(options, name, { must: 'be a port, from 1 to 65535', read })
}

function readPort(options: OptionValues, name: string): number {
  const [port, second] = readPorts(options, name)
  if (port !== undefined && second === undefined) return port
  throw new UsageError(`--${name}: one port is wanted`)
}

function readIds(options: OptionValues, name: string): number[] {
  const read = (item: string) => tryNumber(item, { least: 0, most: 4_294_967_294 })
  return readItems(options, name, { must: 'be the number of a user or group', read })
}

function tryNumber(
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
) {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1
  return number < least || number > most ? undefined : number
}

function readList(options: OptionValues, name: string): readonly string[] {
  const items = (options.text(name) ?? '').split(',').map((item) => item.trim())
  return items.filter((item) => item !== '')
}

function readBoolean(text: string, name: string): boolean {
  const value = tryParseBoolean(text)
  if (value !== undefined) return value
  throw new UsageError(`${name}: ${JSON.stringify(text)} must be true or false`)
}
