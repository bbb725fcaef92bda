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
  /** Empty when nobody said, as the next two. */
  readonly clusterName: string
  readonly meshId: string
  readonly network: string
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
  network: '',
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
