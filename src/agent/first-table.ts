import type { Clock } from '../base/clock.ts'
import type { AgentCatalog } from './catalog.ts'
import type { Mesh } from './mesh.ts'

interface FirstTableParts {
  readonly clock: Clock
  /** How long it is waited for, from now on. */
  readonly waitMs: number
  readonly catalog: Pick<AgentCatalog, 'state'>
  /** Who puts its names in force, where that takes a while. */
  readonly mesh?: Pick<Mesh, 'isSettled'>
}

/** Why an agent is not ready meanwhile. */
export const noTableYet = 'no table from a controller yet'

/** The first table of an agent that has never had one: whoever starts before it finds no name of the mesh. */
export class FirstTable {
  readonly #parts: FirstTableParts
  readonly #endMs: number
  #isOver = false

  constructor(parts: FirstTableParts) {
    this.#parts = parts
    this.#endMs = parts.clock.now() + parts.waitMs
  }

  /** Never again once it was not: a controller may be away for as long as it likes. */
  get isAwaited(): boolean {
    const { catalog, clock, mesh } = this.#parts
    const state = catalog.state?.()
    this.#isOver ||=
      clock.now() >= this.#endMs ||
      state === undefined ||
      (state.kind !== 'never synced' && (mesh?.isSettled ?? true))
    return !this.#isOver
  }
}
