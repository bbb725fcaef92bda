import { readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import type { ControlPlaneRead } from './control-plane-config.ts'
import { valueAt } from './layer.ts'
import { meshConfigDefaults } from './mesh-config.ts'
import { readMeshConfig } from './read-mesh-config.ts'

/** A text that a cluster keeps, and where, for people. */
export interface ClusterText {
  readonly text: string
  readonly file: string
}

export interface ClusterMeshTexts {
  /** A MeshConfig as YAML; missing where nobody said anything. */
  readonly mesh?: ClusterText
  /** `spec.values` of the IstioOperator as JSON. */
  readonly values?: ClusterText
  /** Of the controller. */
  readonly namespace: string
  readonly revision: string
}

/**
 * Puts together what a cluster's ConfigMaps say of its mesh. Never throws.
 *
 * `values.pilot.env` is left out: it is the environment of the controller already.
 */
export function readClusterMesh(texts: ClusterMeshTexts): ControlPlaneRead {
  const { mesh: said, values: given, namespace, revision } = texts
  const defaults = { ...meshConfigDefaults, rootNamespace: namespace }
  const { mesh, findings } = readMeshConfig(said?.text ?? '', said?.file ?? 'mesh', defaults)
  const values = readValues(given)
  const all = [...findings, ...values.findings]
  if (!mesh || !values.names) return { findings: all }
  const pilotEnv = new Map<string, string>()
  return { config: { mesh, pilotEnv, revision, namespace, ...values.names }, findings: all }
}

const places = {
  clusterName: ['global', 'multiCluster', 'clusterName'],
  meshId: ['global', 'meshID'],
  network: ['global', 'network'],
} as const

type Names = Readonly<Record<keyof typeof places, string>>

const noNames: Names = { clusterName: '', meshId: '', network: '' }

function readValues(given: ClusterText | undefined): {
  readonly names?: Names
  readonly findings: readonly Finding[]
} {
  if (!given || given.text.trim() === '') return { names: noNames, findings: [] }
  const { documents, findings } = readDocuments(given.text, given.file)
  const [document] = documents
  if (!document) return { findings }
  const report = new Report(document)
  if (!isPlainMap(document.value)) {
    report.error({ code: 'VALUES', path: [], message: 'must be a map' })
    return { findings: report.findings }
  }
  const names = { ...noNames }
  for (const [name, path] of Object.entries(places)) {
    const value = valueAt(document.value, path) ?? ''
    if (typeof value === 'string') names[name as keyof Names] = value
    else {
      const message = `${JSON.stringify(value)} is no text`
      report.error({ code: 'VALUES', path, message, hint: 'Put it in quotes.' })
    }
  }
  const all = [...findings, ...report.findings]
  return report.failed ? { findings: all } : { names, findings: all }
}
