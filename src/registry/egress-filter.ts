import type { EgressHosts } from './sidecar.ts'
import type { Exported } from './visibility.ts'

/** What a Sidecar names of one namespace, or of all. */
interface Named {
  readonly hosts: Set<string>
  /** Endings of the names below wildcards; the empty one stands for every name. */
  readonly endings: Set<string>
}

/**
 * The services that the egress hosts of a Sidecar let through; all when there are none.
 *
 * The hosts of all its listeners count together: a name has one answer, whatever port is meant.
 */
export class EgressFilter {
  /** `NAMESPACE/HOST` with `.` replaced, sorted, each once: the same text for the same filter. */
  readonly entries: readonly string[]
  readonly passesAll: boolean
  readonly #byNamespace = new Map<string, Named>()

  constructor(egress: readonly EgressHosts[], ownNamespace: string) {
    const entries = new Set<string>()
    for (const { namespace, host } of egress) {
      if (namespace === '~') continue
      const meant = namespace === '.' ? ownNamespace : namespace
      entries.add(`${meant}/${host}`)
      this.#add(meant, host)
    }
    this.passesAll = egress.length === 0 || entries.has('*/*')
    this.entries = [...entries].sort()
  }

  passes(service: Pick<Exported, 'namespace' | 'host'>): boolean {
    if (this.passesAll) return true
    const own = this.#byNamespace.get(service.namespace)
    const all = this.#byNamespace.get('*')
    return isNamed(own, service.host) || isNamed(all, service.host)
  }

  #add(namespace: string, host: string): void {
    const named = this.#byNamespace.get(namespace) ?? { hosts: new Set(), endings: new Set() }
    this.#byNamespace.set(namespace, named)
    if (host.startsWith('*')) named.endings.add(host.slice(1))
    else named.hosts.add(host)
  }
}

/** A wildcard service is named by its own text, and by wider wildcards. */
function isNamed(named: Named | undefined, host: string): boolean {
  if (!named) return false
  if (named.hosts.has(host)) return true
  for (const ending of named.endings) {
    if (host.length > ending.length && host.endsWith(ending)) return true
  }
  return false
}
