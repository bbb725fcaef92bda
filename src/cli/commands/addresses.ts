import { compareIps, tryParseIp } from '../../ip/address.ts'
import { formatPrefix } from '../../ip/prefix.ts'
import type { Command, Invocation } from '../command.ts'
import { formatOrigin, formatPlace } from '../describe-service.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { type OfflineMesh, readOfflineMesh } from '../offline-mesh.ts'
import { outputOption, print } from '../output.ts'
import { sourceOptions } from '../source-options.ts'
import { warnOfFindings } from '../warn-of-findings.ts'

export const command: Command = {
  description:
    'Lists every address of the mesh with the host that holds it: virtual ones, which meshdns gives out; ' +
    'explicit ones and ranges, which users wrote into their objects; and those that rest before they are given out again.',
  operands: [],
  options: [...sourceOptions, outputOption],
  examples: [
    { command: 'meshdns addresses -f examples', says: 'what a new agent would give out' },
    {
      command: 'meshdns addresses -f /etc/meshdns/services --state-folder /var/lib/meshdns',
      says: 'what the agent of this machine has given out',
    },
  ],
  run,
}

interface HeldAddress {
  readonly address: string
  readonly kind: 'virtual' | 'explicit' | 'range' | 'resting'
  readonly host: string
  readonly namespace: string
  readonly origin: string
  readonly place: string
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const mesh = await readOfflineMesh(invocation)
  warnOfFindings(mesh.findings, invocation.io)
  const held = [...virtualOf(mesh), ...explicitOf(mesh), ...restingOf(mesh)].sort(compareHeld)
  await print(invocation, {
    table: {
      head: ['ADDRESS', 'KIND', 'HOST', 'NAMESPACE', 'FROM'],
      rows: held.map(({ address, kind, host, namespace, place }) => [
        address,
        kind,
        host,
        namespace,
        place,
      ]),
      empty: 'No addresses.',
    },
    value: { addresses: held },
  })
  return exitCodes.done
}

function virtualOf({ ledger, services }: OfflineMesh): HeldAddress[] {
  return [...ledger.held].flatMap(([owner, pair]) => {
    const { namespace, host } = splitOwner(owner)
    const declared = services.find((one) => one.host === host && one.namespace === namespace)
    if (!declared) return []
    const origin = formatOrigin(declared.origin)
    const place = formatPlace(declared.origin)
    return [pair.v4, pair.v6]
      .filter((address) => address !== undefined)
      .map((address) => ({ address, kind: 'virtual' as const, host, namespace, origin, place }))
  })
}

function explicitOf({ services }: OfflineMesh): HeldAddress[] {
  return services.flatMap(({ host, namespace, addresses, prefixes, origin: from }) => {
    const rest = { host, namespace, origin: formatOrigin(from), place: formatPlace(from) }
    return [
      ...addresses.map((address) => ({ address, kind: 'explicit' as const, ...rest })),
      ...prefixes.map((prefix) => ({
        address: formatPrefix(prefix),
        kind: 'range' as const,
        ...rest,
      })),
    ]
  })
}

function restingOf({ ledger }: OfflineMesh): HeldAddress[] {
  return [...ledger.resting].map(([address, { owner, untilMs }]) => ({
    address,
    kind: 'resting',
    ...splitOwner(owner),
    origin: '',
    place: `until ${new Date(untilMs).toISOString()}`,
  }))
}

function splitOwner(owner: string): { readonly namespace: string; readonly host: string } {
  const [namespace = '', host = ''] = owner.split('/')
  return { namespace, host }
}

/** By number; ranges stand where their first address would. */
function compareHeld(a: HeldAddress, b: HeldAddress): number {
  const first = tryParseIp(a.address.replace(/\/.*/, ''))
  const second = tryParseIp(b.address.replace(/\/.*/, ''))
  return first !== undefined && second !== undefined ? compareIps(first, second) : 0
}
