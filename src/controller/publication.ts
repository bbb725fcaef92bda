import type { Catalog, CatalogChange } from '../registry/catalog.ts'
import type { ViewScope } from '../registry/scope.ts'
import { AddressResources } from '../translate/discovery/address-resources.ts'
import type { EncodedNameTable } from '../translate/discovery/proxy-name-table.ts'
import type { Proxy } from '../xds/proxy.ts'
import type { XdsServer } from '../xds/server/start-xds-server.ts'
import { NameTables } from './name-tables.ts'
import { ProxyScopes } from './proxy-scopes.ts'

/** What of the server a publication needs. */
type Audience = Pick<XdsServer, 'publish' | 'nameTablesChanged' | 'scopesChanged'>

/** Makes of the catalog what each proxy is told, and tells of changes. */
export class Publication {
  readonly #catalog: Catalog
  readonly #resources: AddressResources
  readonly #scopes: ProxyScopes
  readonly #tables: NameTables
  #rootNamespace: string
  #audience: Audience | undefined

  constructor(
    catalog: Catalog,
    options: { readonly clusterId: string; readonly rootNamespace: string },
  ) {
    this.#catalog = catalog
    this.#rootNamespace = options.rootNamespace
    this.#resources = new AddressResources(options)
    this.#scopes = new ProxyScopes(catalog.sidecars(), options.rootNamespace)
    this.#tables = new NameTables(catalog)
    catalog.follow((change) => this.#take(change))
  }

  scopeOf(proxy: Proxy): ViewScope {
    return this.#scopes.scopeOf(proxy)
  }

  nameTableOf(proxy: Proxy): EncodedNameTable {
    return this.#tables.tableOf(proxy, this.#scopes.scopeOf(proxy))
  }

  /** Tells all that there is, and from then on what changes. */
  open(audience: Audience): void {
    this.#audience = audience
    audience.publish(this.#resources.update(this.#catalog.services().keys(), this.#catalog))
  }

  /** Namespace whose Sidecars hold for those that have none. */
  setRootNamespace(namespace: string): void {
    this.#rootNamespace = namespace
    this.#updateScopes()
  }

  #take({ hosts, sidecars }: CatalogChange): void {
    this.#tables.changed(hosts)
    if (!this.#audience) return
    this.#audience.publish(this.#resources.update(hosts, this.#catalog))
    if (hosts.size > 0) this.#audience.nameTablesChanged()
    if (sidecars) this.#updateScopes()
  }

  #updateScopes(): void {
    if (!this.#scopes.update(this.#catalog.sidecars(), this.#rootNamespace)) return
    this.#audience?.scopesChanged()
  }
}
