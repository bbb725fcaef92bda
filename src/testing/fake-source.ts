import type { CatalogChange, ServicesByHost } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { Source } from '../registry/source.ts'

/** A source that has what the test sets. */
export class FakeSource implements Source {
  readonly name = 'test'
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #followers: ((change: CatalogChange) => void)[] = []
  #sidecars: readonly Sidecar[] = []

  services(): ServicesByHost {
    return this.#services
  }

  sidecars(): readonly Sidecar[] {
    return this.#sidecars
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  async reload(): Promise<void> {}

  async stop(): Promise<void> {}

  /** From now on there are these services and no others; hosts whose services are the same objects did not change. */
  set(...services: readonly Service[]): void {
    const hosts = new Set<Hostname>()
    const byHost = servicesByHost(services)
    for (const host of this.#services.keys()) {
      if (byHost.has(host)) continue
      this.#services.delete(host)
      hosts.add(host)
    }
    for (const [host, list] of byHost) {
      const before = this.#services.get(host) ?? []
      if (before.length === list.length && list.every((one, at) => one === before[at])) continue
      this.#services.set(host, list)
      hosts.add(host)
    }
    this.#tell({ hosts, sidecars: false })
  }

  setSidecars(...sidecars: readonly Sidecar[]): void {
    this.#sidecars = sidecars
    this.#tell({ hosts: new Set(), sidecars: true })
  }

  #tell(change: CatalogChange): void {
    for (const onChange of this.#followers) onChange(change)
  }
}
