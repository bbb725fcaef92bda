import type { Catalog, CatalogChange } from '../registry/catalog.ts'
import type { ViewScope } from '../registry/scope.ts'
import {
  AddressResources,
  type AddressResourcesOptions,
} from '../translate/discovery/address-resources.ts'
import type { EncodedNameTable } from '../translate/discovery/proxy-name-table.ts'
import type { ResourceChange } from '../translate/discovery/resource.ts'
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
  /** Changes before there was one, in their order. */
  readonly #untold: ResourceChange[] = []

  constructor(
    catalog: Catalog,
    options: AddressResourcesOptions & { readonly rootNamespace: string },
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

  /** All that there is now, for an audience that is about to gather. */
  everything(): readonly ResourceChange[] {
    const rest = this.#resources.update(this.#catalog.services().keys(), this.#catalog)
    return [...this.#untold.splice(0), rest]
  }

  /** Tells what changed since `everything`, and from then on each change. */
  open(audience: Audience): void {
    this.#audience = audience
    for (const change of this.#untold.splice(0)) audience.publish(change)
    audience.nameTablesChanged()
    audience.scopesChanged()
  }

  /** Namespace whose Sidecars hold for those that have none. */
  setRootNamespace(namespace: string): void {
    this.#rootNamespace = namespace
    this.#updateScopes()
  }

  #take({ hosts, sidecars }: CatalogChange): void {
    this.#tables.changed(hosts)
    const change = this.#resources.update(hosts, this.#catalog)
    if (this.#audience) this.#audience.publish(change)
    else this.#untold.push(change)
    if (hosts.size > 0) this.#audience?.nameTablesChanged()
    if (sidecars) this.#updateScopes()
  }

  #updateScopes(): void {
    if (!this.#scopes.update(this.#catalog.sidecars(), this.#rootNamespace)) return
    this.#audience?.scopesChanged()
  }
}
