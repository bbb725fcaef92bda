import type { ClusterObject } from '../object.ts'
import { renderDefinition } from './definition.ts'
import { proxyConfigKind } from './proxy-config.ts'
import { serviceEntryKind } from './service-entry.ts'
import { sidecarKind } from './sidecar.ts'
import { workloadEntryKind } from './workload-entry.ts'
import { workloadGroupKind } from './workload-group.ts'

const kinds = [serviceEntryKind, workloadEntryKind, workloadGroupKind, sidecarKind, proxyConfigKind]

/** The kinds that we need, by plural: CustomResourceDefinitions for clusters that do not have them. */
export const definitions: ReadonlyMap<string, ClusterObject> = new Map(
  kinds.map((kind) => [kind.plural, renderDefinition(kind)]),
)
