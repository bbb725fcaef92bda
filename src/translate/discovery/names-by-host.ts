import type { Hostname } from '../../registry/hostname.ts'

/** Names of the resources that tell of each host: mostly one, which then costs no set. */
export class NamesByHost {
  readonly #names = new Map<Hostname, string | Set<string>>()

  add(host: Hostname, name: string): void {
    const held = this.#names.get(host)
    if (held === undefined) this.#names.set(host, name)
    else if (typeof held !== 'string') held.add(name)
    else if (held !== name) this.#names.set(host, new Set([held, name]))
  }

  delete(host: Hostname, name: string): void {
    const held = this.#names.get(host)
    if (held === name) this.#names.delete(host)
    else if (held instanceof Set && held.delete(name) && held.size === 0) this.#names.delete(host)
  }

  /** In order. */
  of(host: Hostname): readonly string[] {
    const held = this.#names.get(host)
    if (held === undefined) return []
    return typeof held === 'string' ? [held] : [...held].sort()
  }
}
