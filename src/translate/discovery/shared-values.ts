/** Texts and maps of each kind that are remembered; hostile content must not make it more. */
const limit = 10_000

/** Values of which a large table has few different ones, each kept once. */
export class SharedValues {
  readonly #texts = new Map<string, string>()
  readonly #ports = new Map<string, ReadonlyMap<number, number>>()

  text(text: string): string {
    return remember(this.#texts, text, () => text)
  }

  ports(entries: readonly (readonly [from: number, to: number])[]): ReadonlyMap<number, number> {
    return remember(this.#ports, entries.join(), () => new Map(entries))
  }
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size >= limit) known.clear()
  const made = make()
  known.set(key, made)
  return made
}
