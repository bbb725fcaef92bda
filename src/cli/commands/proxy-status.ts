import {
  ProxiesPage as Page,
  type ProxiesPage,
  type ProxyPage,
} from '../../controller/pages/proxies-page.ts'
import { askController, controllerOption } from '../ask-controller.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatDuration } from '../format-duration.ts'
import { outputOption, print } from '../output.ts'
import { formatTable } from '../table.ts'

export const command: Command = {
  description:
    'Lists every agent that a controller serves: who it is, since when it is connected, whether it has acknowledged ' +
    'everything, how long it has owed that, and the hash of the table that it has in force. ' +
    'Two agents that may see the same have the same hash.',
  operands: [],
  options: [controllerOption, outputOption],
  examples: [
    { command: 'meshdns proxy-status', says: 'the agents of the controller on this machine' },
    { command: 'meshdns proxy-status -o json', says: 'the same for programs' },
  ],
  fields: [
    { path: 'proxies[].name', says: 'NAME.NAMESPACE of the machine or pod' },
    { path: 'proxies[].proxy', says: 'the id that it calls itself by' },
    { path: 'proxies[].type', says: 'ztunnel, sidecar, waypoint or router' },
    { path: 'proxies[].address', says: 'the first of its own addresses; may be missing' },
    { path: 'proxies[].client', says: 'ADDRESS:PORT that it is connected from' },
    { path: 'proxies[].identity', says: 'SPIFFE ID; missing on the plaintext port' },
    { path: 'proxies[].version', says: 'as it says; may be missing' },
    { path: 'proxies[].connectedAt', says: 'when its stream began' },
    { path: 'proxies[].state', says: 'in force, behind, refused or waiting' },
    { path: 'proxies[].acknowledgedAt', says: 'time of its last acknowledgement; may be missing' },
    { path: 'proxies[].lagMs', says: 'how long the oldest change waits for it; 0 when none does' },
    { path: 'proxies[].tableHash', says: 'of the table in force; missing unless it is known' },
    { path: 'proxies[].refused', says: 'why it refused a response; mostly missing' },
  ],
  run,
}

const head = ['NAME', 'ADDRESS', 'IDENTITY', 'VERSION', 'STATE', 'LAST ACK', 'LAG', 'TABLE']

type State = 'in force' | 'behind' | 'refused' | 'waiting'

interface Row {
  readonly name: string
  readonly proxy: string
  readonly type: string
  readonly address?: string
  readonly client: string
  readonly identity?: string
  readonly version?: string
  readonly connectedAt: string
  readonly state: State
  readonly acknowledgedAt?: string
  readonly lagMs: number
  readonly tableHash?: string
  readonly refused?: string
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const page: ProxiesPage = await askController(invocation, '/debug/syncz', Page)
  const rows = page.proxies.map(rowOf).sort((a, b) => (a.name < b.name ? -1 : 1))
  const now = invocation.io.clock.wall()
  await print(invocation, {
    forPeople: (color) =>
      formatTable(
        { head, rows: rows.map((row) => cellsOf(row, now)), empty: 'No agent is connected.' },
        color,
      ),
    value: { proxies: rows },
  })
  return exitCodes.done
}

function rowOf(page: ProxyPage): Row {
  const { proxy, type, addresses, client, identity, version, since, types } = page
  const [address] = addresses
  const ackedAt = types.flatMap((one) => one.ackedAt ?? []).sort((a, b) => b - a)[0]
  const tableHash = types.find((one) => one.tableHash !== undefined)?.tableHash
  const refused = types.find((one) => one.isRefused)?.refused?.reason
  return {
    name: `${page.name}.${page.namespace}`,
    proxy,
    type,
    ...(address === undefined ? {} : { address }),
    client,
    ...(identity === undefined ? {} : { identity }),
    ...(version === undefined ? {} : { version }),
    connectedAt: new Date(since).toISOString(),
    state: stateOf(page),
    ...(ackedAt === undefined ? {} : { acknowledgedAt: new Date(ackedAt).toISOString() }),
    lagMs: Math.round(Math.max(0, ...types.map(({ lagMs }) => lagMs))),
    ...(tableHash === undefined ? {} : { tableHash }),
    ...(refused === undefined ? {} : { refused }),
  }
}

function stateOf({ types }: ProxyPage): State {
  if (types.some(({ isRefused }) => isRefused)) return 'refused'
  if (types.length === 0 || types.some(({ ackedVersion }) => ackedVersion === undefined))
    return 'waiting'
  return types.some(({ lagMs }) => lagMs > 0) ? 'behind' : 'in force'
}

function cellsOf(row: Row, now: number): string[] {
  const { name, address, client, identity, version, state, acknowledgedAt, lagMs, tableHash } = row
  const ago = acknowledgedAt === undefined ? undefined : now - Date.parse(acknowledgedAt)
  return [
    name,
    address ?? client,
    identity?.replace(/^spiffe:\/\//, '') ?? '-',
    version ?? '-',
    state,
    ago === undefined ? '-' : `${formatDuration(ago)} ago`,
    formatDuration(lagMs),
    tableHash ?? '-',
  ]
}
