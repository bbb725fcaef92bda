import { CodedError } from '../../base/coded-error.ts'
import {
  formatPlaceValue,
  SettingsPage,
  type SettingValue,
  settingValue,
} from '../../config/setting-value.ts'
import { isApiFailure } from '../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { workloadSettings } from '../../translate/workload/workload-settings.ts'
import { askController, controllerInsteadOption } from '../ask-controller.ts'
import { clusterControllerOptions, meansCluster } from '../cluster-controllers.ts'
import { openCluster } from '../cluster-target.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatValue } from '../format-value.ts'
import { outputOption, print } from '../output.ts'
import { findPod } from '../pod-config/find-pod.ts'
import { formatPodConfig } from '../pod-config/format-pod-config.ts'
import type { PodConfig } from '../pod-config/pod-config.ts'
import { readPodConfig } from '../pod-config/read-pod-config.ts'
import { readProxyInput } from '../read-proxy-input.ts'
import { formatTable, printableLines } from '../table.ts'
import { UsageError } from '../usage-error.ts'

/** The workload that was named is nowhere, or its annotation makes no sense. */
export class WorkloadUnknownError extends CodedError {
  override readonly code = 'CLI_WORKLOAD_UNKNOWN'
}

export const command: Command = {
  description:
    'Prints every setting that is in force for a workload, where it was written, and what it beat: built-in defaults, the mesh, ' +
    'ProxyConfigs of the root namespace and of its own, its annotation proxy.istio.io/config, and ProxyConfigs that select it. ' +
    'Of a pod of a cluster as well: what injection wrote into it, what a pod made now would get, and what its agent goes by. ' +
    'Without a workload: the settings of the installation.',
  operands: [
    {
      name: 'workload',
      summary:
        'a WorkloadGroup, WorkloadEntry or Pod, NAME or NAME.NAMESPACE; in a cluster also the pod of deploy/NAME, sts/NAME, ds/NAME or rs/NAME',
      optional: true,
    },
  ],
  options: [
    {
      flags: '-f, --file <path>',
      summary: 'file or folder with an IstioOperator, a MeshConfig or objects; - is standard input',
      repeatable: true,
    },
    {
      flags: '--set <path=value>',
      summary: 'setting of an IstioOperator, over those of files',
      repeatable: true,
    },
    {
      flags: '-n, --namespace <name>',
      summary:
        'namespace of the workload, and of objects that name none; without it, that of the context of a cluster, or default',
    },
    controllerInsteadOption,
    ...clusterControllerOptions,
    outputOption,
  ],
  examples: [
    { command: 'meshdns proxy-config -f iop.yaml', says: 'what an installation is told' },
    {
      command: 'meshdns proxy-config shop.vms -f iop.yaml -f objects',
      says: 'what holds for the machines of a group',
    },
    {
      command: 'meshdns proxy-config shop.vms --controller 127.0.0.1:15014',
      says: 'the same, as a controller sees it',
    },
    {
      command: 'meshdns proxy-config shop.vms',
      says: 'the same, as the controllers of the cluster see it',
    },
    { command: 'meshdns proxy-config deploy/app -n shop', says: 'a pod of the cluster' },
  ],
  fields: [
    {
      path: 'workload.kind',
      says: 'kind of the object that was named; missing without a workload',
    },
    { path: 'workload.namespace', says: 'its namespace; missing without a workload' },
    { path: 'workload.name', says: 'its name; missing without a workload' },
    {
      path: 'settings[].setting',
      says: 'where it stands in a ProxyConfig, or in an IstioOperator',
    },
    { path: 'settings[].value', says: 'what is in force' },
    { path: 'settings[].value[]', says: 'its items, where it is a list' },
    ...placeFields('settings[].from'),
    {
      path: 'settings[].beat[].value',
      says: 'what a lower level says; missing where it says nothing',
    },
    ...placeFields('settings[].beat[].from'),
    {
      path: 'injected[].variable',
      says: "of the agent's container; missing where no pod of a cluster was named",
    },
    {
      path: 'injected[].value',
      says: 'missing where only a pod made now would have it; a field of the pod in braces',
    },
    { path: 'injected[].from', says: 'whose word it is, with its place; missing as the variable' },
    {
      path: 'injected[].now',
      says: 'of a pod made now, null for none; missing where it is the same',
    },
    {
      path: 'nodeAgent.pod',
      says: 'NAMESPACE/NAME of the node agent that the pod is up to; missing where it has one in it',
    },
    { path: 'nodeAgent.state', says: 'what that does with the pod; missing as the agent' },
    { path: 'agent.unreachable', says: "why the pod's agent did not say; missing when it did" },
    {
      path: 'agent.options[].option',
      says: "an option of the pod's agent; missing as the rest where there is none",
    },
    { path: 'agent.options[].value', says: 'what it is; may be missing' },
    { path: 'agent.options[].from', says: 'where it was given; missing as the option' },
    { path: 'agent.options[].beat[].value', says: 'what was given besides; mostly missing' },
    { path: 'agent.options[].beat[].from', says: 'where that was given; mostly missing' },
  ],
  run,
}

function placeFields(path: string) {
  return [
    { path: `${path}.level`, says: 'whose word it is; missing where nothing was beaten' },
    { path: `${path}.file`, says: 'the file that it stands in; missing when it stands in none' },
    { path: `${path}.line`, says: 'its line, counted from 1; missing as the file' },
    { path: `${path}.column`, says: 'its column, counted from 1; missing as the file' },
  ]
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const client = meansCluster(invocation, elsewhere) ? await openCluster(invocation) : undefined
  const namespace = invocation.options.text('namespace') ?? client?.access.namespace ?? 'default'
  const pod = client && (await readPod(invocation, client, namespace))
  const page = pod ?? (await readPage(invocation, { namespace, isOfCluster: client !== undefined }))
  const { faults, ...value } = page
  if (faults.length > 0) {
    const hint =
      'Write NAME.NAMESPACE, or name the namespace with -n. A machine is named by its WorkloadGroup or WorkloadEntry.'
    const isFound = page.workload !== undefined
    throw new WorkloadUnknownError(printableLines(faults.join('\n')), isFound ? {} : { hint })
  }
  const forPeople = (color: boolean) => {
    const settings = pod?.nodeAgent ? '' : formatPage(page, color)
    return `${settings}${pod ? formatPodConfig(pod, color) : ''}`
  }
  await print(invocation, { forPeople, value })
  return exitCodes.done
}

const elsewhere = ['file', 'set', 'controller']

/** The pod of a cluster, if the workload is one. */
async function readPod(
  { options, operands }: Invocation,
  client: ClusterClient,
  namespace: string,
): Promise<PodConfig | undefined> {
  const [workload] = operands
  if (workload === undefined) return undefined
  const found = await findPod(client, workload, namespace).catch((error: unknown) => {
    // Who may not see pods may still ask controllers.
    if (isApiFailure(error, 403) && !workload.includes('/')) return undefined
    throw error
  })
  return found && readPodConfig(client, found, options.text('istioNamespace') ?? 'istio-system')
}

async function readPage(
  invocation: Invocation,
  { namespace, isOfCluster }: { readonly namespace: string; readonly isOfCluster: boolean },
): Promise<SettingsPage> {
  const { options, operands } = invocation
  const [workload] = operands
  if (isOfCluster || options.text('controller') !== undefined) {
    if (options.texts('file').length > 0 || options.texts('set').length > 0) {
      throw new UsageError('files and a controller are named', {
        hint: 'Give either -f PATH or --controller ADDRESS:PORT.',
      })
    }
    const query = new URLSearchParams(workload === undefined ? {} : { workload, namespace })
    return askController(invocation, `/debug/proxy-config?${query.toString()}`, SettingsPage)
  }
  const { install, objects } = await readProxyInput(invocation)
  return workload === undefined
    ? { settings: install.settings.list.map(settingValue), faults: [] }
    : workloadSettings(workload, { mesh: install.mesh, objects, namespace })
}

const head = ['SETTING', 'VALUE', 'FROM', 'BEATS']

function formatPage({ workload, settings }: SettingsPage, color: boolean): string {
  const rows = settings.map(rowOf).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  const table = formatTable({ head, rows, empty: 'No settings.' }, color)
  const capture = settings.find(({ setting }) => setting === captureSetting)
  const isOn = capture?.value === 'true'
  return workload?.kind === 'WorkloadGroup' && !isOn ? `${table}\n${machineNote}\n` : table
}

const captureSetting = 'proxyMetadata.ISTIO_META_DNS_CAPTURE'
const machineNote =
  'Machines that `meshdns workload entry configure` sets up for this group have DNS capture on all the same, unless it is told --capture-dns=false.'

function rowOf({ setting, value, from, beat }: SettingValue): string[] {
  const beaten = beat.map((one) => `${formatValue(one.value)} of ${formatPlaceValue(one.from)}`)
  return [setting, formatValue(value), formatPlaceValue(from), beaten.join(', ') || '-']
}
