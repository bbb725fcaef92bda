import { type ObjectDocument, readDocuments } from '../documents/documents.ts'
import { readEmbedded } from '../documents/embedded.ts'
import type { Finding } from '../documents/finding.ts'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import { type Layer, layerOfData, layerOfDocument, valueAt } from './layer.ts'
import {
  checkMeshConfig,
  type MeshConfig,
  mergeMeshConfig,
  meshConfigDefaults,
} from './mesh-config.ts'
import { noteUnused } from './message.ts'

/** The mesh that nobody said anything about. */
export const defaultMeshConfig: MeshConfig = meshOf(meshConfigDefaults)

export interface MeshRead {
  /** Missing when there was an error. */
  readonly mesh?: MeshConfig
  readonly findings: readonly Finding[]
}

/**
 * Reads the file of a mesh: a MeshConfig as it is, or the ConfigMap that has it under `mesh`.
 *
 * An empty file says nothing. Never throws.
 */
export function readMeshConfig(
  text: string,
  file: string,
  defaults: PlainMap = meshConfigDefaults,
): MeshRead {
  const { documents, findings } = readDocuments(text, file)
  const faults = findings.filter(({ severity }) => severity === 'error')
  if (faults.length > 0) return { findings: faults }
  const [first, second] = documents
  if (!first) return { mesh: meshOf(defaults), findings: [] }
  if (second) {
    const report = new Report(second)
    report.error({
      code: 'MESH_CONFIG',
      path: [],
      message: 'this is a second document; one MeshConfig is wanted',
      hint: 'Keep objects in files of their own.',
    })
    return { findings: report.findings }
  }
  const { layer, findings: remarks } = readMeshLayer(first)
  if (!layer) return { findings: remarks }
  return { mesh: meshOf(defaults, [layer]), findings: remarks }
}

function meshOf(defaults: PlainMap, said: readonly Layer[] = []): MeshConfig {
  return mergeMeshConfig([layerOfData('built-in', defaults), ...said])
}

/** Whether it is the ConfigMap that Istio keeps its mesh in. */
export function isMeshConfigMap(value: unknown): boolean {
  const isConfigMap = isPlainMap(value) && value['kind'] === 'ConfigMap'
  return isConfigMap && typeof valueAt(value, ['data', 'mesh']) === 'string'
}

/** As `readMeshConfig`, of a document that was read already, not put together yet. */
export function readMeshLayer(document: ObjectDocument): {
  readonly layer?: Layer
  readonly findings: readonly Finding[]
} {
  if (isMeshConfigMap(document.value)) {
    const path = ['data', 'mesh']
    const text = valueAt(document.value, path)
    const inner = readEmbedded(document, { path, text: typeof text === 'string' ? text : '' })
    if (inner.document) return readMeshLayer(inner.document)
    return { ...(inner.findings.length > 0 ? {} : { layer: layerOfData('mesh', {}) }), ...inner }
  }
  const report = new Report(document)
  const kind = valueAt(document.value, ['kind'])
  if (kind !== undefined) {
    report.error({
      code: 'MESH_CONFIG',
      path: ['kind'],
      message: `this is not a MeshConfig, but a ${JSON.stringify(kind)}`,
      hint: 'A MeshConfig has no kind; it begins with fields such as defaultConfig.',
    })
    return { findings: report.findings }
  }
  const unused: string[] = []
  checkMeshConfig(document.value, { report, path: [], unused })
  noteUnused({ report, unused })
  const { findings, failed } = report
  return failed ? { findings } : { layer: layerOfDocument('mesh', document), findings }
}
