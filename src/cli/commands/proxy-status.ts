import { ProxiesPage, type ProxyPage } from '../../controller/pages/proxies-page.ts'
import { askControllers, controllerOption } from '../ask-controller.ts'
import { clusterControllerOptions } from '../cluster-controllers.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatDuration } from '../format-duration.ts'
import { outputOption, print } from '../output.ts'
import { formatTable } from '../table.ts'

export const command: Command = {
  description:
    'Lists every agent that the controllers of a cluster serve, or the controller of a machine: who it is, since when it is ' +
    'connected, whether it has acknowledged everything, how long it has owed that, and the hash of the table that it has in force. ' +
    'Two agents that may see the same have the same hash. The cluster is asked where a kubeconfig is there and no controller is named.',
  operands: [],
  options: [
    {
      flags: '-n, --namespace <name>',
      summary: 'only agents of this namespace; of all namespaces when not given',
    },
    controllerOption,
    ...clusterControllerOptions,
    outputOption,
  ],
  examples: [
    { command: 'meshdns proxy-status', says: 'the agents of the cluster, or else of this machine' },
    {
      command: 'meshdns proxy-status --controller 127.0.0.1:15014',
      says: 'those of the controller on this machine',
    },
    { command: 'meshdns proxy-status -n shop', says: 'those of one namespace' },
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
    {
      path: 'proxies[].controller',
      says: "the pod that serves it; missing where a controller's address was named",
    },
    { path: 'proxies[].refused', says: 'why it refused a response; mostly missing' },
  ],
  run,
}

const head = ['NAME', 'ADDRESS', 'IDENTITY', 'VERSION', 'STATE', 'LAST ACK', 'LAG', 'TABLE']
const clusterHead = [...head, 'CONTROLLER']

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
  readonly controller?: string
  readonly refused?: string
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const namespace = invocation.options.text('namespace')
  const answers = await askControllers(invocation, '/debug/syncz', ProxiesPage)
  const rows = answers
    .flatMap(({ value, controller }) =>
      value.proxies
        .filter((proxy) => namespace === undefined || proxy.namespace === namespace)
        .map((proxy) => rowOf(proxy, controller)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const now = invocation.io.clock.wall()
  const isOfCluster = answers.some(({ controller }) => controller !== undefined)
  const cells = rows.map((row) => [
    ...cellsOf(row, now),
    ...(isOfCluster ? [row.controller ?? '-'] : []),
  ])
  const which = namespace === undefined ? '' : ` of the namespace ${namespace}`
  const empty = `No agent${which} is connected.`
  await print(invocation, {
    forPeople: (color) =>
      formatTable({ head: isOfCluster ? clusterHead : head, rows: cells, empty }, color),
    value: { proxies: rows },
  })
  return exitCodes.done
}

function rowOf(page: ProxyPage, controller: string | undefined): Row {
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
    ...(controller === undefined ? {} : { controller }),
    ...(refused === undefined ? {} : { refused }),
  }
}

function stateOf({ types }: ProxyPage): State {
  if (types.some(({ isRefused }) => isRefused)) return 'refused'
  // Of what there is nothing to be said, nothing is sent: a mesh of files has no facts of a cluster.
  const sent = types.filter(({ sentVersion }) => sentVersion !== undefined)
  if (sent.length === 0 || sent.some(({ ackedVersion }) => ackedVersion === undefined))
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
