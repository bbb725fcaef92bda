import type { Path } from '../../documents/path.ts'
import { familyOf, type IpAddress, tryParseIp } from '../../ip/address.ts'
import { type Prefix, tryParsePrefix } from '../../ip/prefix.ts'
import type { EntryContext } from './entry-context.ts'

interface ExplicitAddresses {
  readonly addresses: readonly IpAddress[]
  readonly prefixes: readonly Prefix[]
}

/** `spec.addresses`: E6, E7 and E16. A range of one address is that address. */
export function checkAddresses(context: EntryContext): ExplicitAddresses {
  const { spec, resolution, report } = context
  const given = spec.addresses ?? []
  if (given.length > 0 && resolution === 'DYNAMIC_DNS') {
    report.error({
      code: 'E16',
      path: ['spec', 'addresses'],
      message: 'with resolution DYNAMIC_DNS there can be no addresses',
      hint: 'Remove spec.addresses.',
    })
  }
  const addresses = new Set<IpAddress>()
  const prefixes: Prefix[] = []
  for (const [index, text] of given.entries()) {
    const parsed = checkAddress(text, ['spec', 'addresses', index], context)
    if (typeof parsed === 'string') addresses.add(parsed)
    else if (parsed) prefixes.push(parsed)
  }
  return { addresses: [...addresses], prefixes }
}

function checkAddress(
  text: string,
  path: Path,
  { resolution, report }: EntryContext,
): IpAddress | Prefix | undefined {
  const prefix = tryParsePrefix(text)
  const address = tryParseIp(text)
  if (address === undefined && !prefix) {
    report.error({
      code: 'E6',
      path,
      message: `${JSON.stringify(text)} is neither an IP address nor a range`,
      hint: 'Write 192.0.2.1, 2001:db8::1, 192.0.2.0/24; host names belong into spec.hosts.',
    })
    return undefined
  }
  if (prefix && resolution !== 'NONE' && resolution !== 'STATIC') {
    report.error({
      code: 'E7',
      path,
      message: `${text} is a range; with resolution ${resolution} only single addresses are allowed`,
      hint: 'List single addresses without "/", or set resolution: NONE or STATIC.',
    })
  }
  if (!prefix) return address
  const single = familyOf(prefix.network) === 4 ? 32 : 128
  return prefix.length === single ? prefix.network : prefix
}
