import { z } from 'zod'
import type { ObjectDocument } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'
import { type Layer, layerOfDocument, valueAt } from './layer.ts'
import { checkMeshConfig } from './mesh-config.ts'
import { addUnused, type Checking, messageShape, noteUnused } from './message.ts'
import { pilotVariables } from './pilot-variables.ts'

const version = 'install.istio.io/v1alpha1'

const spec = messageShape(
  {
    profile: z.string().nullish(),
    namespace: z.string().nullish(),
    revision: z.string().nullish(),
    meshConfig: z.looseObject({}).nullish(),
    values: z.looseObject({}).nullish(),
  },
  [
    'addonComponents',
    'compatibilityVersion',
    'components',
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
  istioNamespace: z.string().nullish(),
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

/** Fields of `values` that have an effect here. */
const usedValues: readonly string[] = [
  'global.istioNamespace',
  'global.meshID',
  'global.network',
  'global.configValidation',
  'global.multiCluster.clusterName',
  'global.proxy.clusterDomain',
  'pilot.env',
]

export interface OperatorRead {
  /** Its `spec`; missing when there was an error. */
  readonly layer?: Layer
  readonly findings: readonly Finding[]
}

/** Checks the one IstioOperator of a file. */
export function readOperator(documents: readonly ObjectDocument[], level: string): OperatorRead {
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
  checkSpec(isPlainMap(value) ? value['spec'] : undefined, { report, path: ['spec'] })
  const { findings } = report
  return report.failed ? { findings } : { layer: layerOfDocument(level, first, ['spec']), findings }
}

/** Checks the `spec` of an IstioOperator, and says once what of it has no effect. */
export function checkSpec(
  value: unknown,
  { report, path }: { readonly report: Report; readonly path: readonly string[] },
): void {
  const shape = checkShape(spec.shape, value ?? {}, { report, path })
  if (!shape) return
  const checking: Checking = { report, path, unused: [] }
  const { meshConfig, values } = shape
  if (meshConfig) checkMeshConfig(meshConfig, { ...checking, path: [...path, 'meshConfig'] })
  if (values) checkValues(values, { ...checking, path: [...path, 'values'] })
  addUnused(value, spec.others, checking)
  noteUnused(checking)
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

function checkValues(value: PlainMap, checking: Checking): void {
  const { report, path, unused } = checking
  if (!checkShape(Values, value, { report, path })) return
  const leaves = (map: PlainMap, prefix: string): string[] =>
    Object.entries(map).flatMap(([key, inner]) => {
      const name = prefix === '' ? key : `${prefix}.${key}`
      if (usedValues.includes(name)) return []
      const leads = usedValues.some((used) => used.startsWith(`${name}.`))
      return leads && isPlainMap(inner) ? leaves(inner, name) : [name]
    })
  const env = valueAt(value, ['pilot', 'env'])
  const names = Object.keys(isPlainMap(env) ? env : {})
  const strange = names.filter((name) => !pilotVariables.some((known) => known.name === name))
  const all = [...leaves(value, ''), ...strange.map((name) => `pilot.env.${name}`)]
  unused.push(...all.map((name) => [...path, name].join('.')))
}
