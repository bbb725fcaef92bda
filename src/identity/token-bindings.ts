import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { addTokenBinding, loadTokenBindings, type TokenBinding } from './token-binding-file.ts'

/** A clock that is ahead by mistake, and put right, must not make a token good for another key. */
const afterlifeMs = 7 * 86_400_000

interface BindingPorts {
  readonly clock: Clock
  readonly log: Log
}

/**
 * Which key a token belongs to: the first that got a certificate for it. A thief who comes later gets nothing; one who
 * comes first keeps the machine out, which somebody will notice.
 */
export class TokenBindings {
  readonly #ports: BindingPorts
  readonly #file: string
  readonly #bindings: Map<string, TokenBinding>
  #sweepAt = 1_024

  private constructor(ports: BindingPorts, file: string, bindings: readonly TokenBinding[]) {
    this.#ports = ports
    this.#file = file
    this.#bindings = new Map(bindings.map((binding) => [binding.id, binding]))
  }

  /** Takes up what the file says, so that a restart changes nothing. */
  static async open(file: string, ports: BindingPorts): Promise<TokenBindings> {
    const endedAt = ports.clock.wall() - afterlifeMs
    return new TokenBindings(ports, file, await loadTokenBindings(file, endedAt))
  }

  isBound(tokenId: string): boolean {
    return this.#bindings.has(tokenId)
  }

  /** Whether the token may be used with this key; the first key is remembered, also on disk. */
  async bind(id: string, key: string, expiresAt: number): Promise<boolean> {
    const bound = this.#bindings.get(id)
    if (bound) return bound.key === key
    this.#sweep()
    const binding = { id, key, expiresAt }
    // Before anything is waited for, so that of two who come at once only one is the first.
    this.#bindings.set(id, binding)
    await addTokenBinding(this.#file, binding, this.#ports.log)
    return true
  }

  /** Takes turns that get rarer as there is more to look at. */
  #sweep(): void {
    if (this.#bindings.size < this.#sweepAt) return
    const endedAt = this.#ports.clock.wall() - afterlifeMs
    for (const [id, { expiresAt }] of this.#bindings) {
      if (expiresAt < endedAt) this.#bindings.delete(id)
    }
    this.#sweepAt = Math.max(1_024, this.#bindings.size * 2)
  }
}
