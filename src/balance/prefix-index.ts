import { familyOf, type IpAddress } from '../ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'

/** Finds what was said of the ranges that an address lies in; the cost is one step per length in use. */
export class PrefixIndex<Value> {
  readonly #values = new Map<string, Value[]>()
  /** Lengths in use by family, longest first, with the number of ranges. */
  readonly #lengths = { 4: new Map<number, number>(), 6: new Map<number, number>() }

  add(prefix: Prefix, value: Value): void {
    const key = formatPrefix(prefix)
    const held = this.#values.get(key)
    if (held) held.push(value)
    else {
      this.#values.set(key, [value])
      this.#count(prefix, 1)
    }
  }

  /** Keeps those values of a range that pass the test. */
  retain(prefix: Prefix, isKept: (value: Value) => boolean): void {
    const key = formatPrefix(prefix)
    const held = this.#values.get(key)
    if (!held) return
    const kept = held.filter(isKept)
    this.#values.set(key, kept)
    if (kept.length > 0) return
    this.#values.delete(key)
    this.#count(prefix, -1)
  }

  /** Most specific range first; the values of one range in the order they were added. */
  *containing(address: IpAddress): Generator<readonly Value[]> {
    for (const length of this.#lengths[familyOf(address)].keys()) {
      const values = this.#values.get(formatPrefix(parsePrefix(`${address}/${length}`)))
      if (values) yield values
    }
  }

  #count({ network, length }: Prefix, more: number): void {
    const family = familyOf(network)
    const counts = this.#lengths[family]
    const count = (counts.get(length) ?? 0) + more
    if (count > 0 && counts.has(length)) {
      counts.set(length, count)
      return
    }
    const others = [...counts].filter(([other]) => other !== length)
    const all: [number, number][] = count > 0 ? [...others, [length, count]] : others
    this.#lengths[family] = new Map(all.sort(([a], [b]) => b - a))
  }
}
