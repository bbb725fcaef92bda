import type { ClusterPlace } from '../../config/cluster-object-names.ts'
import type { ProxyResource } from '../../config/proxy-resource.ts'
import type { ClusterText } from '../../config/read-cluster-mesh.ts'
import type { InjectionPorts } from '../../inject/answer-review.ts'
import { hasNativeSidecars, type InjectionMesh } from '../../inject/injection-mesh.ts'
import { type InjectorValues, readInjectorValues } from '../../inject/injector-values.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import type { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import type { DeclaredObjects } from '../store.ts'
import type { ClusterMesh } from './cluster-mesh.ts'
import type { ClusterNamespace } from './follow-namespaces.ts'

export interface InjectionFactsParts {
  readonly place: ClusterPlace
  readonly mesh: ClusterMesh
  readonly source: DeclaredObjects
  readonly namespaces: Reflector<ClusterNamespace>
  /** Of this program. */
  readonly version: string
}

/** What has to be known of a mesh and its cluster before an agent is put into a pod. */
export class InjectionFacts implements InjectionPorts {
  readonly #parts: InjectionFactsParts
  readonly #client: Pick<ClusterClient, 'call'>
  readonly #proxyResources: (objects: readonly MeshObject[]) => readonly ProxyResource[]
  readonly #values: (text: ClusterText | undefined) => InjectorValues
  #nativeSidecars = true

  constructor(
    parts: InjectionFactsParts,
    { client }: { readonly client: Pick<ClusterClient, 'call'> },
  ) {
    this.#parts = parts
    this.#client = client
    this.#proxyResources = remembered((objects) =>
      objects.filter((one) => one.kind === 'ProxyConfig').map(({ resource }) => resource),
    )
    // What cannot be used was said when it came: the mesh did not take it.
    this.#values = remembered(
      (text) => (text && readInjectorValues(text.text, text.file).values) ?? {},
    )
  }

  /** @throws {ApiFailure} when the cluster does not say of which version it is. */
  async start(): Promise<this> {
    const { gitVersion } = await this.#client.call({ path: '/version' })
    this.#nativeSidecars = hasNativeSidecars(String(gitVersion))
    return this
  }

  mesh(): InjectionMesh {
    const { place, mesh, source, version } = this.#parts
    return {
      mesh: mesh.current().mesh,
      proxyResources: this.#proxyResources(source.objects()),
      values: this.#values(mesh.values()),
      ...place,
      version,
      nativeSidecars: this.#nativeSidecars,
    }
  }

  namespaceLabels(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#parts.namespaces.items().get(`/${namespace}`)?.labels
  }
}

/** The same result as long as it is given the same. */
function remembered<From, To>(make: (from: From) => To): (from: From) => To {
  let known: { readonly from: From; readonly to: To } | undefined
  return (from) => {
    if (!known || known.from !== from) known = { from, to: make(from) }
    return known.to
  }
}
