/** How many of each there are at the moment. */
export class Tally {
  /** Never holds a zero. */
  readonly #counts = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1)
  }

  remove(key: string): void {
    const rest = this.of(key) - 1
    if (rest > 0) this.#counts.set(key, rest)
    else this.#counts.delete(key)
  }
}
