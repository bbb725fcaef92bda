import { familyOf, type IpAddress, octetsOf } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { formatRanges, markOf, type OwnerMark } from './address-ranges.ts'

/** Addresses that differ in their last octet only. */
interface Block {
  readonly marks: Map<IpAddress, OwnerMark>
  /** Missing when something changed since it was made. */
  text?: string
}

/** Addresses and their owners as the record says them; only what changed is put into words again. */
export class GivenRanges {
  readonly #blocks = new Map<string, Block>()
  readonly #owners = new Map<IpAddress, VirtualOwner>()

  ownerOf(address: IpAddress): VirtualOwner | undefined {
    return this.#owners.get(address)
  }

  set(address: IpAddress, owner: VirtualOwner): void {
    if (this.#owners.get(address) === owner) return
    this.#owners.set(address, owner)
    const block = this.#blockOf(address)
    block.marks.set(address, markOf(owner))
    delete block.text
  }

  delete(address: IpAddress): void {
    if (!this.#owners.delete(address)) return
    const block = this.#blockOf(address)
    block.marks.delete(address)
    delete block.text
  }

  /** As `formatRanges`; quick as long as it all fits. */
  format(limitOctets: number): string {
    const texts: string[] = []
    let octets = 0
    for (const block of this.#blocks.values()) {
      if (block.marks.size === 0) continue
      block.text ??= formatRanges(block.marks, Infinity)
      octets += block.text.length + 1
      texts.push(block.text)
    }
    if (octets <= limitOctets) return texts.join('\n')
    return formatRanges(
      [...this.#blocks.values()].flatMap(({ marks }) => [...marks]),
      limitOctets,
    )
  }

  #blockOf(address: IpAddress): Block {
    const key = `${familyOf(address)} ${octetsOf(address).subarray(0, -1).join('.')}`
    const known = this.#blocks.get(key)
    if (known) return known
    const block: Block = { marks: new Map() }
    this.#blocks.set(key, block)
    return block
  }
}
