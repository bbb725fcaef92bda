import { CodedError } from '../../base/coded-error.ts'
import {
  formatPlaceValue,
  SettingsPage,
  type SettingValue,
  settingValue,
} from '../../config/setting-value.ts'
import { workloadSettings } from '../../translate/workload/workload-settings.ts'
import { askController, controllerInsteadOption } from '../ask-controller.ts'
import { clusterControllerOptions, meansCluster } from '../cluster-controllers.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { outputOption, print } from '../output.ts'
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
    'Without a workload: the settings of the installation.',
  operands: [
    {
      name: 'workload',
      summary: 'a WorkloadGroup, WorkloadEntry or Pod, NAME or NAME.NAMESPACE',
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
      summary: 'namespace of the workload, and of objects that name none',
      fallback: 'default',
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
  const page = await readPage(invocation)
  const { faults, ...value } = page
  if (faults.length > 0) throw new WorkloadUnknownError(printableLines(faults.join('\n')))
  await print(invocation, { forPeople: (color) => formatPage(page, color), value })
  return exitCodes.done
}

async function readPage(invocation: Invocation): Promise<SettingsPage> {
  const { options, operands } = invocation
  const [workload] = operands
  const namespace = options.text('namespace') ?? 'default'
  const isOfCluster = meansCluster(invocation, ['file', 'set', 'controller'])
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
  const beaten = beat.map((one) => `${format(one.value)} of ${formatPlaceValue(one.from)}`)
  return [setting, format(value), formatPlaceValue(from), beaten.join(', ') || '-']
}

function format(value: unknown): string {
  return typeof value === 'string' && /^[\w./:-]+$/.test(value) && !isOtherwiseRead(value)
    ? value
    : JSON.stringify(value)
}

/** Whether YAML would take the bare text for something else. */
function isOtherwiseRead(text: string): boolean {
  return /^(true|false|null|[-.\d]+)$/.test(text)
}
