import { defaultMeshConfig } from '../config/read-mesh-config.ts'
import type { InjectionMesh } from '../inject/injection-mesh.ts'

/** A mesh about whose pods nothing is said, unless its configuration does. */
export function bareInjectionMesh(mesh = defaultMeshConfig): InjectionMesh {
  return {
    mesh,
    proxyResources: [],
    values: {},
    revision: '',
    namespace: 'istio-system',
    version: '1.0.0',
    nativeSidecars: true,
  }
}
