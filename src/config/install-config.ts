import { closestWord } from '../base/closest-word.ts'
import { readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import { installProfiles, otherProfiles } from './install-profile.ts'
import { checkSpec, type InstallTarget, readOperator } from './istio-operator.ts'
import { type Layer, layerOfData, narrowLayer, valueAt } from './layer.ts'
import { type MeshConfig, mergeMeshConfig, meshConfigDefaults } from './mesh-config.ts'
import { controllerHost } from './mesh-names.ts'
import { readSetExpression } from './set-expression.ts'
import { documentOfSet, setName } from './set-layer.ts'
import { mergeLayers, type Settings } from './settings.ts'

/** What an installation is told (Istio: IstioOperator), put together from everything given. Immutable. */
export interface InstallConfig {
  readonly profile: string
  /** Empty for the default one. */
  readonly revision: string
  /** Where the control plane lives. */
  readonly namespace: string
  readonly clusterDomain: string
  /** Empty when nobody said, as the next two. */
  readonly clusterName: string
  readonly meshId: string
  readonly network: string
  readonly configValidation: boolean
  /** Environment of the controller: `values.pilot.env`. */
  readonly pilotEnv: ReadonlyMap<string, string>
  readonly mesh: MeshConfig
  /** The whole `spec` with its places. */
  readonly settings: Settings
}

export interface InstallInput {
  /** Files with one IstioOperator each, in the order given. */
  readonly files: readonly { readonly file: string; readonly text: string }[]
  /** `PATH=VALUE` each, in the order given. */
  readonly sets: readonly string[]
  /** A machine when not said. */
  readonly target?: InstallTarget
}

export interface InstallRead {
  /** Missing when there was an error. */
  readonly config?: InstallConfig
  readonly findings: readonly Finding[]
}

/** Puts an installation together: base, profile, files in their order, then `--set`. Never throws. */
export function readInstallConfig({ files, sets, target = 'machine' }: InstallInput): InstallRead {
  const findings: Finding[] = []
  const given: Layer[] = []
  for (const { file, text } of files) {
    const { documents, findings: faults } = readDocuments(text, file)
    const operator = readOperator(documents, 'mesh', target)
    findings.push(...faults, ...operator.findings)
    if (operator.layer) given.push(operator.layer)
  }
  const merged = mergeInstallConfig(given, sets, target)
  findings.push(...merged.findings)
  const failed = findings.some(({ severity }) => severity === 'error')
  return failed ? { findings } : { ...merged, findings }
}

/** As `readInstallConfig`, of layers that were checked already. */
export function mergeInstallConfig(
  given: readonly Layer[],
  sets: readonly string[],
  target: InstallTarget = 'machine',
): InstallRead {
  const findings: Finding[] = []
  const layers = [...given]
  for (const [index, text] of sets.entries()) {
    const set = readSet(text, { below: mergeLayers(layers).tree, line: index + 1, target })
    findings.push(...set.findings)
    if (set.layer) layers.push(set.layer)
  }
  const profile = readProfile(layers)
  findings.push(...profile.findings)
  if (findings.some(({ severity }) => severity === 'error')) return { findings }
  const spec = isPlainMap(profile.spec)
    ? [layerOfData(`profile ${profile.name}`, profile.spec)]
    : []
  return { config: configOf(profile.name, [...spec, ...layers]), findings }
}

interface SetPlace {
  readonly below: unknown
  readonly line: number
  readonly target: InstallTarget
}

function readSet(text: string, place: SetPlace) {
  const expression = readSetExpression(text)
  const refuse = ({
    message,
    hint,
    column = 1,
  }: {
    message: string
    hint: string
    column?: number
  }) =>
    ({
      severity: 'error',
      code: 'SET',
      message: `${text}: ${message}`,
      path: '',
      file: setName,
      line: place.line,
      column,
      hint,
    }) as const
  if ('message' in expression) return { findings: [refuse(expression)] }
  const document = documentOfSet(expression, place)
  if (!document) {
    const hint = 'Items are counted from 0; set the ones before it first.'
    return { findings: [refuse({ message: 'this item would leave a gap in its list', hint })] }
  }
  // As istioctl does: who types a path means it now.
  const report = new Report(document, undefined, { refusesUnknown: true })
  checkSpec(document.value, { report, path: [], target: place.target })
  const { findings, failed } = report
  return failed ? { findings } : { layer: layerOfData('--set', document.value), findings }
}

/** The profile counts that is named last. */
function readProfile(layers: readonly Layer[]) {
  const layer = layers.findLast(({ value }) => typeof valueAt(value, ['profile']) === 'string')
  const named = valueAt(layer?.value, ['profile'])
  const name = typeof named === 'string' && named !== '' ? named : 'default'
  const spec = installProfiles.get(name)
  if (spec) return { name, spec, findings: [] }
  const meant = closestWord(name, installProfiles.keys())
  const isIstios = otherProfiles.has(name)
  const finding: Finding = {
    severity: 'error',
    code: 'PROFILE',
    message: isIstios
      ? `the profile ${name} is about Kubernetes, and not known here`
      : `there is no profile ${JSON.stringify(name)}`,
    path: 'spec.profile',
    ...(layer?.locate(['profile']) ?? { file: setName, line: 1, column: 1 }),
    hint:
      meant === undefined || isIstios
        ? `The profiles are: ${[...installProfiles.keys()].join(', ')}.`
        : `Did you mean "${meant}"?`,
  }
  return { name, spec, findings: [finding] }
}

function configOf(profile: string, given: readonly Layer[]): InstallConfig {
  const said = mergeLayers(given).tree
  const text = (...path: readonly string[]) => {
    const value = valueAt(said, path)
    return typeof value === 'string' ? value : ''
  }
  const revision = text('revision')
  const namespace =
    text('namespace') || text('values', 'global', 'istioNamespace') || 'istio-system'
  const clusterDomain = text('values', 'global', 'proxy', 'clusterDomain') || 'cluster.local'
  const base = layerOfData('built-in', {
    profile: 'default',
    namespace,
    values: { global: { configValidation: true, proxy: { clusterDomain } } },
    meshConfig: {
      ...meshConfigDefaults,
      rootNamespace: namespace,
      defaultConfig: {
        ...meshConfigDefaults.defaultConfig,
        discoveryAddress: controllerAddress({ revision, namespace }),
      },
    },
  })
  const layers = [base, ...given]
  const settings = mergeLayers(layers)
  const env = valueAt(said, ['values', 'pilot', 'env'])
  return {
    profile,
    revision,
    namespace,
    clusterDomain,
    clusterName: text('values', 'global', 'multiCluster', 'clusterName'),
    meshId: text('values', 'global', 'meshID'),
    network: text('values', 'global', 'network'),
    configValidation: valueAt(said, ['values', 'global', 'configValidation']) !== false,
    pilotEnv: new Map(
      Object.entries(isPlainMap(env) ? env : {}).map(([k, v]) => [
        k,
        `${v as string | number | boolean}`,
      ]),
    ),
    mesh: mergeMeshConfig(layers.map((layer) => narrowLayer(layer, ['meshConfig']))),
    settings,
  }
}

/** Where agents find the controller of a revision. */
export function controllerAddress({
  revision,
  namespace,
}: Pick<InstallConfig, 'revision' | 'namespace'>): string {
  return `${controllerHost({ revision, namespace })}:15012`
}
