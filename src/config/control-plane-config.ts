import { readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { readInstallConfig } from './install-config.ts'
import { valueAt } from './layer.ts'
import type { MeshConfig } from './mesh-config.ts'
import { defaultMeshConfig, readMeshConfig } from './read-mesh-config.ts'

/** What a controller is told about its mesh. Immutable. */
export interface ControlPlaneConfig {
  readonly mesh: MeshConfig
  /** Variables of the controller (`values.pilot.env`); none in a MeshConfig. */
  readonly pilotEnv: ReadonlyMap<string, string>
  /** Of the controller among others; empty for the default one. */
  readonly revision: string
  /** Where the control plane lives. */
  readonly namespace: string
  /** Empty when nobody said, as the next one. */
  readonly clusterName: string
  readonly meshId: string
}

export interface ControlPlaneRead {
  /** Missing when there was an error. */
  readonly config?: ControlPlaneConfig
  readonly findings: readonly Finding[]
}

/** Of a mesh that nobody said anything about. */
export const defaultControlPlaneConfig: ControlPlaneConfig = {
  mesh: defaultMeshConfig,
  pilotEnv: new Map(),
  revision: '',
  namespace: 'istio-system',
  clusterName: '',
  meshId: '',
}

/** Reads an IstioOperator, a MeshConfig, or the ConfigMap that has one. Never throws. */
export function readControlPlaneConfig(text: string, file: string): ControlPlaneRead {
  const [first] = readDocuments(text, file).documents
  if (valueAt(first?.value, ['kind']) === 'IstioOperator') {
    const { config, findings } = readInstallConfig({ files: [{ file, text }], sets: [] })
    return config ? { config, findings } : { findings }
  }
  const { mesh, findings } = readMeshConfig(text, file)
  return mesh ? { config: { ...defaultControlPlaneConfig, mesh }, findings } : { findings }
}

/** What somebody said a setting of the mesh is; `undefined` when only its default holds. */
export function saidOfMesh({ layers }: MeshConfig, name: string): unknown {
  const said = layers.filter(({ level }) => level !== 'built-in')
  return said.map(({ value }) => valueAt(value, [name])).findLast((value) => value !== undefined)
}
