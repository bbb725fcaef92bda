import { ownLabels } from '../../../config/cluster-object-names.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterObject } from '../object.ts'
import { anything, list, object, type Schema, text } from './schema.ts'

/** One kind of object, as we define it where a cluster does not know it. */
export interface Kind {
  readonly kind: string
  readonly plural: string
  readonly shortNames?: readonly string[]
  /** All of one schema; the first is the one that is stored. */
  readonly versions: readonly string[]
  readonly description: string
  readonly columns?: readonly PlainMap[]
  readonly spec: Schema
  /** Whether an object must have a `spec`. */
  readonly needsSpec?: boolean
  /** Of its status, besides what all have. */
  readonly status?: Readonly<Record<string, Schema>>
}

const group = 'networking.istio.io'

/** The three versions of most kinds. */
export const allVersions = ['v1', 'v1beta1', 'v1alpha3']

export const ageColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago it was made.',
}

export function renderDefinition(kind: Kind): ClusterObject {
  const { plural, shortNames = [], versions } = kind
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: ownLabels,
    },
    spec: {
      group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural,
        singular: kind.kind.toLowerCase(),
        ...(shortNames.length > 0 ? { shortNames } : {}),
        categories: ['istio-io', 'networking-istio-io'],
      },
      scope: 'Namespaced',
      versions: versions.map((name) => renderVersion(kind, name)),
    },
  }
}

function renderVersion(kind: Kind, name: string): PlainMap {
  const { columns = [], needsSpec, versions } = kind
  const properties = { spec: kind.spec, status: statusSchema(kind.status ?? {}) }
  return {
    name,
    served: true,
    storage: name === versions[0],
    ...(columns.length > 0 ? { additionalPrinterColumns: columns } : {}),
    schema: {
      openAPIV3Schema: {
        description: kind.description,
        ...object(properties, ...(needsSpec ? ['spec'] : [])),
      },
    },
    subresources: { status: {} },
  }
}

/** Others may write more there: unknown fields are kept. */
function statusSchema(more: Readonly<Record<string, Schema>>): Schema {
  const time: Schema = { type: 'string', format: 'date-time' }
  const condition = object({
    type: text(316),
    status: text(32),
    reason: text(1_024),
    message: text(32_768),
    lastProbeTime: time,
    lastTransitionTime: time,
    observedGeneration: generation,
  })
  return {
    ...anything,
    ...object({
      conditions: list({ ...anything, ...condition }, 64),
      validationMessages: list({ ...anything, ...validationMessage }, 256),
      observedGeneration: generation,
      ...more,
    }),
  }
}

/** Istio's programs write it as text at times. */
const generation: Schema = { 'x-kubernetes-int-or-string': true }

const validationMessage = object({
  type: { ...anything, ...object({ name: text(256), code: text(64) }) },
  level: text(64),
  documentationUrl: text(2_048),
})

/** `status.addresses`: what was given to each host. */
export const addressesSchema = list(
  object({ value: text(64), host: text(256) }),
  // 256 hosts, an address of each family.
  1_024,
)
