import type { MovedAddress } from '../../allocate/allocation.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'

/** A host that moves on and on has its last moves told. */
const mostMoves = 4

/** Which hosts had to give up addresses, until their entries are told. */
export class MovedAddresses {
  readonly #moved = new Map<VirtualOwner, readonly MovedAddress[]>()

  all(): ReadonlyMap<VirtualOwner, readonly MovedAddress[]> {
    return this.#moved
  }

  add(moves: readonly MovedAddress[]): void {
    for (const one of moves) {
      const before = this.#moved.get(one.owner) ?? []
      this.#moved.set(one.owner, [...before, one].slice(-mostMoves))
    }
  }

  forget(): void {
    this.#moved.clear()
  }
}
