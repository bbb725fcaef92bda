import type { ClusterPlace } from '../../config/cluster-object-names.ts'
import type { ProxyResource } from '../../config/proxy-resource.ts'
import type { ClusterText } from '../../config/read-cluster-mesh.ts'
import { isPlainMap } from '../../documents/plain-map.ts'
import type { InjectionPorts } from '../../inject/answer-review.ts'
import { hasNativeSidecars, type InjectionMesh } from '../../inject/injection-mesh.ts'
import { type InjectorValues, readInjectorValues } from '../../inject/injector-values.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import type { DeclaredObjects } from '../store.ts'
import type { ClusterMesh } from './cluster-mesh.ts'
import type { ClusterPorts } from './cluster-ports.ts'

type Labels = ReadonlyMap<string, string>

export interface InjectionFactsParts {
  readonly place: ClusterPlace
  readonly mesh: ClusterMesh
  readonly source: DeclaredObjects
  /** Of this program. */
  readonly version: string
}

/** What has to be known of a mesh and its cluster before an agent is put into a pod. */
export class InjectionFacts implements InjectionPorts {
  readonly #parts: InjectionFactsParts
  readonly #namespaces: Reflector<{ readonly name: string; readonly labels: Labels }>
  readonly #ports: ClusterPorts
  readonly #proxyResources: (objects: readonly MeshObject[]) => readonly ProxyResource[]
  readonly #values: (text: ClusterText | undefined) => InjectorValues
  #nativeSidecars = true

  constructor(parts: InjectionFactsParts, ports: ClusterPorts) {
    this.#parts = parts
    this.#ports = ports
    this.#proxyResources = remembered((objects) =>
      objects.filter((one) => one.kind === 'ProxyConfig').map(({ resource }) => resource),
    )
    // What cannot be used was said when it came: the mesh did not take it.
    this.#values = remembered(
      (text) => (text && readInjectorValues(text.text, text.file).values) ?? {},
    )
    this.#namespaces = new Reflector(
      {
        kind: { group: '', versions: ['v1'], plural: 'namespaces' },
        project({ metadata }) {
          const { name, labels } = isPlainMap(metadata) ? metadata : {}
          return typeof name === 'string' ? { name, labels: labelsOf(labels) } : undefined
        },
      },
      ports,
    )
  }

  async start(): Promise<this> {
    const { scope, client } = this.#ports
    scope.onStop('namespaces', () => this.#namespaces.stop())
    await this.#namespaces.start()
    const { gitVersion } = await client.call({ path: '/version' })
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

  namespaceLabels(namespace: string): Labels | undefined {
    return this.#namespaces.items().get(`/${namespace}`)?.labels
  }
}

function labelsOf(labels: unknown): Labels {
  const entries = Object.entries(isPlainMap(labels) ? labels : {})
  return new Map(entries.map(([key, value]) => [key, String(value)]))
}

/** The same result as long as it is given the same. */
function remembered<From, To>(make: (from: From) => To): (from: From) => To {
  let known: { readonly from: From; readonly to: To } | undefined
  return (from) => {
    if (!known || known.from !== from) known = { from, to: make(from) }
    return known.to
  }
}
