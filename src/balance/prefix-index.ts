import { familyOf, type IpAddress } from '../ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'

/** Finds what was said of the ranges that an address lies in; the cost is one step per length in use. */
export class PrefixIndex<Value> {
  readonly #values = new Map<string, Value[]>()
  /** Lengths in use by family, longest first. */
  readonly #lengths = { 4: [] as number[], 6: [] as number[] }

  add(prefix: Prefix, value: Value): void {
    const key = formatPrefix(prefix)
    const held = this.#values.get(key)
    if (held) held.push(value)
    else this.#values.set(key, [value])
    const lengths = this.#lengths[familyOf(prefix.network)]
    if (lengths.includes(prefix.length)) return
    lengths.push(prefix.length)
    lengths.sort((a, b) => b - a)
  }

  /** Most specific range first; the values of one range in the order they were added. */
  *containing(address: IpAddress): Generator<readonly Value[]> {
    for (const length of this.#lengths[familyOf(address)]) {
      const values = this.#values.get(formatPrefix(parsePrefix(`${address}/${length}`)))
      if (values) yield values
    }
  }
}
