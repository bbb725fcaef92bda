import { compareIps, tryParseIp } from '../../ip/address.ts'
import { formatPrefix } from '../../ip/prefix.ts'
import type { Service } from '../../registry/service.ts'
import { splitOwner, virtualOwner } from '../../registry/virtual-addresses.ts'
import type { Command, Invocation } from '../command.ts'
import { formatOrigin } from '../describe-service.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { OfflineMesh } from '../offline-mesh.ts'
import { outputOption, print } from '../output.ts'
import { meshOptions, readMesh } from '../read-mesh.ts'
import { formatTable } from '../table.ts'
import { warnOfFindings } from '../warn-of-findings.ts'

export const command: Command = {
  description:
    'Lists every address of the mesh with the host that holds it: virtual ones, which meshdns gives out; ' +
    'explicit ones and ranges, which users wrote into their objects; and those that rest before they are given out again.',
  operands: [],
  options: [...meshOptions, outputOption],
  examples: [
    { command: 'meshdns addresses', says: 'what the controllers of the cluster say' },
    { command: 'meshdns addresses -f examples', says: 'what a new agent would give out' },
    {
      command: 'meshdns addresses -f /etc/meshdns/services --state-folder /var/lib/meshdns',
      says: 'what the agent of this machine has given out',
    },
    {
      command: 'meshdns addresses --controller 127.0.0.1:15014',
      says: 'what the controller of this machine says',
    },
  ],
  fields: [
    { path: 'addresses[].address', says: 'an address, or ADDRESS/LENGTH' },
    { path: 'addresses[].kind', says: 'virtual, explicit, range or resting' },
    { path: 'addresses[].host', says: 'that has it, or had it' },
    { path: 'addresses[].namespace', says: 'of that host' },
    { path: 'addresses[].origin', says: 'KIND NAMESPACE/NAME of the object; none when resting' },
    { path: 'addresses[].file', says: 'where it stands; none when resting' },
    { path: 'addresses[].line', says: 'from 1; none when resting' },
    { path: 'addresses[].restsUntil', says: 'time when another host may get it; of resting ones' },
  ],
  run,
}

const head = ['ADDRESS', 'KIND', 'HOST', 'NAMESPACE', 'FROM']

interface HeldAddress {
  readonly address: string
  readonly kind: 'virtual' | 'explicit' | 'range' | 'resting'
  readonly host: string
  readonly namespace: string
  readonly origin?: string
  readonly file?: string
  readonly line?: number
  readonly restsUntil?: string
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const mesh = await readMesh(invocation)
  warnOfFindings(mesh.findings, invocation.io)
  const held = [...virtualOf(mesh), ...explicitOf(mesh), ...restingOf(mesh)].sort(compareHeld)
  await print(invocation, {
    forPeople: (color) =>
      formatTable({ head, rows: held.map(rowOf), empty: 'No addresses.' }, color),
    value: { addresses: held },
  })
  return exitCodes.done
}

function virtualOf({ ledger, services }: OfflineMesh): HeldAddress[] {
  const first = new Map<string, Service>()
  for (const service of services) {
    const owner = virtualOwner(service.namespace, service.host)
    if (!first.has(owner)) first.set(owner, service)
  }
  return [...ledger.held].flatMap(([owner, pair]) => {
    const declared = first.get(owner)
    if (!declared) return []
    const { namespace, host } = declared
    const rest = { host, namespace, ...originOf(declared) }
    return [pair.v4, pair.v6]
      .filter((address) => address !== undefined)
      .map((address) => ({ address, kind: 'virtual' as const, ...rest }))
  })
}

function explicitOf({ services }: OfflineMesh): HeldAddress[] {
  return services.flatMap((service) => {
    const { host, namespace, addresses, prefixes } = service
    const rest = { host, namespace, ...originOf(service) }
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
    restsUntil: new Date(untilMs).toISOString(),
  }))
}

function originOf({ origin }: Service) {
  const { file, line } = origin
  return { origin: formatOrigin(origin), file, line }
}

function rowOf({ restsUntil, origin = '', file, line, ...held }: HeldAddress): string[] {
  const { address, kind, host, namespace } = held
  const place = line === 0 ? origin : `${file}:${line}`
  const from = restsUntil === undefined ? place : `until ${restsUntil}`
  return [address, kind, host, namespace, from]
}

/** By number; ranges stand where their first address would. */
function compareHeld(a: HeldAddress, b: HeldAddress): number {
  const first = tryParseIp(a.address.replace(/\/.*/, ''))
  const second = tryParseIp(b.address.replace(/\/.*/, ''))
  return first !== undefined && second !== undefined ? compareIps(first, second) : 0
}
