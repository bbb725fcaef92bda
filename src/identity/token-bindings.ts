import type { Clock } from '../base/clock.ts'

interface Binding {
  readonly key: string
  readonly expiresAt: number
}

/**
 * Which key a token belongs to: the first that got a certificate for it. A thief who comes later gets nothing; one who
 * comes first keeps the machine out, which somebody will notice.
 *
 * Lives in memory: after a restart of the controller the first key counts again, until the token expires.
 */
export class TokenBindings {
  readonly #clock: Clock
  readonly #bindings = new Map<string, Binding>()
  #sweepAt = 1_024

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isBound(tokenId: string): boolean {
    return this.#bindings.has(tokenId)
  }

  /** Whether the token may be used with this key; the first key is remembered. */
  bind(tokenId: string, key: string, expiresAt: number): boolean {
    const bound = this.#bindings.get(tokenId)
    if (bound) return bound.key === key
    this.#sweep()
    this.#bindings.set(tokenId, { key, expiresAt })
    return true
  }

  /** Takes turns that get rarer as there is more to look at. */
  #sweep(): void {
    if (this.#bindings.size < this.#sweepAt) return
    const now = this.#clock.wall()
    for (const [id, { expiresAt }] of this.#bindings) {
      // Tokens are accepted for a little longer than they say.
      if (expiresAt + 600_000 < now) this.#bindings.delete(id)
    }
    this.#sweepAt = Math.max(1_024, this.#bindings.size * 2)
  }
}
