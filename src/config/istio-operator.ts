import { z } from 'zod'
import type { ObjectDocument } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import type { Path } from '../documents/path.ts'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'
import { ClusterValues, Components, usedInCluster } from './cluster-fields.ts'
import { type Layer, layerOfDocument, valueAt } from './layer.ts'
import { checkMeshConfig } from './mesh-config.ts'
import { type Checking, messageShape, noteUnused } from './message.ts'
import { pilotVariables } from './pilot-variables.ts'
import { namespacePattern, namespaceRule, revisionPattern, revisionRule } from './place-names.ts'

const version = 'install.istio.io/v1alpha1'

const namespace = z.string().regex(namespacePattern, namespaceRule)

const spec = messageShape(
  {
    profile: z.string().nullish(),
    namespace: namespace.nullish(),
    revision: z.string().regex(revisionPattern, revisionRule).nullish(),
    meshConfig: z.looseObject({}).nullish(),
    values: z.looseObject({}).nullish(),
    components: z.unknown().optional(),
  },
  [
    'addonComponents',
    'compatibilityVersion',
    'defaultRevision',
    'hub',
    'installPackagePath',
    'platform',
    'resourceSuffix',
    'tag',
    'unvalidatedValues',
  ],
)

const Global = z.looseObject({
  istioNamespace: namespace.nullish(),
  meshID: z.string().nullish(),
  network: z.string().nullish(),
  configValidation: z.boolean().nullish(),
  multiCluster: z.looseObject({ clusterName: z.string().nullish() }).nullish(),
  proxy: z.looseObject({ clusterDomain: z.string().nullish() }).nullish(),
})

const Values = z.looseObject({
  global: Global.nullish(),
  pilot: z
    .looseObject({
      env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
    })
    .nullish(),
})

/** What an installation is for: some fields have an effect in a cluster only. */
export type InstallTarget = 'machine' | 'cluster'

/** Fields of a `spec` that have an effect everywhere, besides its head and the MeshConfig. */
const usedEverywhere: readonly string[] = [
  'values.global.istioNamespace',
  'values.global.meshID',
  'values.global.network',
  'values.global.configValidation',
  'values.global.multiCluster.clusterName',
  'values.global.proxy.clusterDomain',
  'values.pilot.env',
]

export interface OperatorRead {
  /** Its `spec`; missing when there was an error. */
  readonly layer?: Layer
  readonly findings: readonly Finding[]
}

/** Checks the one IstioOperator of a file. */
export function readOperator(
  documents: readonly ObjectDocument[],
  level: string,
  target: InstallTarget = 'machine',
): OperatorRead {
  const [first, second] = documents
  if (!first) return { findings: [] }
  const report = new Report(second ?? first)
  if (second) {
    report.error({
      code: 'ISTIO_OPERATOR',
      path: [],
      message: 'this is a second document; one IstioOperator is wanted',
      hint: 'Give each IstioOperator in a file of its own, with a -f for each.',
    })
    return { findings: report.findings }
  }
  const { value } = first
  if (!checkHead(value, report)) return { findings: report.findings }
  checkSpec(isPlainMap(value) ? value['spec'] : undefined, {
    report,
    path: ['spec'],
    target,
  })
  const { findings } = report
  return report.failed ? { findings } : { layer: layerOfDocument(level, first, ['spec']), findings }
}

interface SpecChecking {
  readonly report: Report
  readonly path: Path
  readonly target: InstallTarget
}

/** Checks the `spec` of an IstioOperator, and says once what of it has no effect. */
export function checkSpec(value: unknown, { report, path, target }: SpecChecking): void {
  const shape = checkShape(spec.shape, value ?? {}, { report, path })
  if (!shape) return
  const checking: Checking = { report, path, unused: [] }
  const { meshConfig, values, components } = shape
  if (meshConfig) checkMeshConfig(meshConfig, { ...checking, path: [...path, 'meshConfig'] })
  const parts = target === 'cluster' ? [Values, ClusterValues] : [Values]
  const place = (name: string) => ({ report, path: [...path, name] })
  const isSound =
    !values || parts.every((part) => checkShape(part, values, place('values')) !== undefined)
  if (target === 'cluster' && components) checkShape(Components, components, place('components'))
  const said = Object.entries(shape as PlainMap)
  const known = [...(isSound ? ['values'] : []), 'components', ...spec.others]
  const unused = known
    .flatMap((name) => said.filter(([key, inner]) => key === name && inner !== undefined))
    .flatMap((entry) => unusedFields(Object.fromEntries([entry]), target))
  checking.unused.push(...unused.map((name) => [...path, name].join('.')))
  noteUnused(checking)
}

/** Said, and without effect: names of fields from the top. */
function unusedFields(value: PlainMap, target: InstallTarget): readonly string[] {
  const used = target === 'cluster' ? [...usedEverywhere, ...usedInCluster] : usedEverywhere
  const env = valueAt(value, ['values', 'pilot', 'env'])
  const names = Object.keys(isPlainMap(env) ? env : {})
  const strange = names.filter((name) => !pilotVariables.some((known) => known.name === name))
  return [...leavesBeside(value, used, ''), ...strange.map((name) => `values.pilot.env.${name}`)]
}

function leavesBeside(map: PlainMap, used: readonly string[], prefix: string): readonly string[] {
  return Object.entries(map).flatMap(([key, inner]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`
    if (used.includes(name)) return []
    const leads = used.some((one) => one.startsWith(`${name}.`))
    return leads && isPlainMap(inner) ? leavesBeside(inner, used, name) : [name]
  })
}

function checkHead(value: unknown, report: Report): boolean {
  const { apiVersion, kind } = isPlainMap(value) ? value : {}
  if (kind !== 'IstioOperator') {
    report.error({
      code: 'ISTIO_OPERATOR',
      path: kind === undefined ? [] : ['kind'],
      message: `this is not an IstioOperator${typeof kind === 'string' ? `, but a ${kind}` : ''}`,
      hint: `Begin with apiVersion: ${version} and kind: IstioOperator.`,
    })
    return false
  }
  if (apiVersion === version) return true
  report.error({
    code: 'API_VERSION',
    path: ['apiVersion'],
    message: `${JSON.stringify(apiVersion ?? null)} is not a version of IstioOperator`,
    hint: `Write apiVersion: ${version}.`,
  })
  return false
}
