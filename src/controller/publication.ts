import { inSlices } from '../base/in-slices.ts'
import type { Catalog, CatalogChange } from '../registry/catalog.ts'
import type { ClusterFactsSource } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { ViewScope } from '../registry/scope.ts'
import {
  AddressResources,
  type AddressResourcesOptions,
} from '../translate/discovery/address-resources.ts'
import type { EncodedCluster } from '../translate/discovery/cluster-message.ts'
import type { EncodedNameTable } from '../translate/discovery/proxy-name-table.ts'
import type { ResourceChange } from '../translate/discovery/resource.ts'
import type { Proxy } from '../xds/proxy.ts'
import type { XdsServer } from '../xds/server/start-xds-server.ts'
import { ClusterMessages } from './cluster-messages.ts'
import { NameTables } from './name-tables.ts'
import { ProxyScopes } from './proxy-scopes.ts'

/** Some ten milliseconds of work, after which whoever waits has a turn. */
const hostsAtATime = 100

/** What of the server a publication needs. */
type Audience = Pick<XdsServer, 'publish' | 'singlesChanged' | 'scopesChanged'>

export interface PublicationOptions extends AddressResourcesOptions {
  readonly rootNamespace: string
  /** Of the controller. */
  readonly ownNamespace: string
  /** Where there is a cluster. */
  readonly cluster?: ClusterFactsSource
}

/** Makes of the catalog what each proxy is told, and tells of changes. */
export class Publication {
  readonly #catalog: Catalog
  readonly #resources: AddressResources
  readonly #scopes: ProxyScopes
  readonly #tables: NameTables
  readonly #clusterMessages: ClusterMessages
  readonly #cluster: ClusterFactsSource | undefined
  #rootNamespace: string
  #audience: Audience | undefined
  /** Changes before there was one, in their order. */
  readonly #untold: ResourceChange[] = []

  constructor(catalog: Catalog, options: PublicationOptions) {
    this.#catalog = catalog
    this.#rootNamespace = options.rootNamespace
    this.#resources = new AddressResources(options)
    this.#scopes = new ProxyScopes(catalog.sidecars(), options)
    this.#tables = new NameTables(catalog)
    this.#clusterMessages = new ClusterMessages(() => catalog.services())
    this.#cluster = options.cluster
    catalog.follow((change) => this.#take(change))
    options.cluster?.followClusterFacts(() => this.#audience?.singlesChanged())
  }

  scopeOf(proxy: Proxy): ViewScope {
    return this.#scopes.scopeOf(proxy)
  }

  nameTableOf(proxy: Proxy): EncodedNameTable {
    return this.#tables.tableOf(proxy, this.#scopes.scopeOf(proxy))
  }

  /** What the proxy is told of the cluster as a whole. */
  clusterOf(proxy: Proxy): EncodedCluster | undefined {
    const facts = this.#cluster?.clusterFacts()
    const { node } = proxy
    const locality = node === undefined ? undefined : this.#cluster?.localityOf?.(node)
    return facts && this.#clusterMessages.messageOf(facts, this.scopeOf(proxy), locality)
  }

  /** All that there is now, for an audience that is about to gather. */
  async everything(): Promise<readonly ResourceChange[]> {
    const hosts = [...this.#catalog.services().keys()]
    const update = (some: readonly Hostname[]) =>
      this.#untold.push(this.#resources.update(some, this.#catalog))
    await inSlices(inGroups(hosts), update, 1)
    return this.#untold.splice(0)
  }

  /** Tells what changed since `everything`, and from then on each change. */
  open(audience: Audience): void {
    this.#audience = audience
    for (const change of this.#untold.splice(0)) audience.publish(change)
    audience.singlesChanged()
    audience.scopesChanged()
  }

  /** Namespace whose Sidecars hold for those that have none. */
  setRootNamespace(namespace: string): void {
    this.#rootNamespace = namespace
    this.#updateScopes()
  }

  #take({ hosts, sidecars }: CatalogChange): void {
    this.#tables.changed(hosts)
    this.#clusterMessages.changed(hosts)
    const change = this.#resources.update(hosts, this.#catalog)
    if (this.#audience) this.#audience.publish(change)
    else this.#untold.push(change)
    if (hosts.size > 0) this.#audience?.singlesChanged()
    if (sidecars) this.#updateScopes()
  }

  #updateScopes(): void {
    if (!this.#scopes.update(this.#catalog.sidecars(), this.#rootNamespace)) return
    this.#audience?.scopesChanged()
  }
}

function* inGroups(hosts: readonly Hostname[]): Generator<readonly Hostname[]> {
  for (let at = 0; at < hosts.length; at += hostsAtATime) yield hosts.slice(at, at + hostsAtATime)
}
