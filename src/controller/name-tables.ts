import type { Catalog } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { ViewScope } from '../registry/scope.ts'
import {
  type EncodedNameTable,
  nameTableKey,
  ProxyNameTable,
} from '../translate/discovery/proxy-name-table.ts'
import type { Proxy } from '../xds/proxy.ts'

/** Tables that are kept; each holds all hosts, and most meshes need a few. */
const maxTables = 32

interface Kept {
  readonly table: ProxyNameTable
  /** Hosts that it was not told of. */
  readonly stale: Set<Hostname>
}

/** The name tables of all proxies; those that see the same share one, which is brought up to date when asked for. */
export class NameTables {
  readonly #catalog: Pick<Catalog, 'services' | 'virtualAddresses'>
  /** Those asked for last are at the end. */
  readonly #kept = new Map<string, Kept>()

  constructor(catalog: Pick<Catalog, 'services' | 'virtualAddresses'>) {
    this.#catalog = catalog
  }

  tableOf(proxy: Proxy, scope: ViewScope): EncodedNameTable {
    const { namespace, addresses, type, dnsCapture, network } = proxy
    const capturesDns = dnsCapture || type === 'waypoint'
    const reader = {
      namespace,
      scope,
      addresses,
      capturesDns,
      ...(network === undefined ? {} : { network }),
    }
    const key = nameTableKey(reader)
    const known = this.#kept.get(key)
    const { table, stale } = known ?? {
      table: new ProxyNameTable(this.#catalog, reader),
      stale: new Set<Hostname>(),
    }
    this.#kept.delete(key)
    this.#kept.set(key, { table, stale })
    this.#forgetOldest()
    table.update(stale)
    stale.clear()
    return table.message()
  }

  /** To be called with every change of the catalog. */
  changed(hosts: ReadonlySet<Hostname>): void {
    for (const { stale } of this.#kept.values()) for (const host of hosts) stale.add(host)
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > maxTables && oldest !== undefined) this.#kept.delete(oldest)
  }
}
