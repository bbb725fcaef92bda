import { Scopes, type ViewScope } from '../registry/scope.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { Proxy } from '../xds/proxy.ts'

/** What each proxy may see, by the Sidecars that there are now. */
export class ProxyScopes {
  readonly #ownNamespace: string
  #scopes: Scopes
  #sidecars: readonly Sidecar[]
  #rootNamespace: string

  /** `ownNamespace` is that of the controller. */
  constructor(
    sidecars: readonly Sidecar[],
    { rootNamespace, ownNamespace }: { rootNamespace: string; ownNamespace: string },
  ) {
    this.#ownNamespace = ownNamespace
    this.#sidecars = sidecars
    this.#rootNamespace = rootNamespace
    this.#scopes = new Scopes(sidecars, rootNamespace)
  }

  /**
   * A proxy of a whole node decides itself what each of its pods sees, and is told of all that anybody may; only one of
   * the controller's namespace, or of the root namespace, is believed to be one.
   */
  scopeOf({ type, namespace, labels }: Pick<Proxy, 'type' | 'namespace' | 'labels'>): ViewScope {
    const isTrusted = namespace === this.#ownNamespace || namespace === this.#rootNamespace
    if (type === 'ztunnel' && isTrusted) return nodeScope
    return this.#scopes.scopeOf({ namespace, labels })
  }

  /** Proxies have to ask again afterwards, when it says that they may see something else. */
  update(sidecars: readonly Sidecar[], rootNamespace: string): boolean {
    if (sidecars === this.#sidecars && rootNamespace === this.#rootNamespace) return false
    this.#sidecars = sidecars
    this.#rootNamespace = rootNamespace
    this.#scopes = new Scopes(sidecars, rootNamespace)
    return true
  }
}

const nodeScope: ViewScope = {
  key: 'node',
  seesExported: true,
  sees: ({ exportTo }) => exportTo.some((entry) => entry !== '~'),
}
