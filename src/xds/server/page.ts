import type { AddressResource } from '../../translate/discovery/resource.ts'

/** What one response says of resources, while it is put together; the last word on a name counts. */
export class Page {
  readonly #maxOctets: number
  readonly #put = new Map<string, AddressResource>()
  readonly #removed = new Set<string>()
  #framed: Uint8Array | undefined
  #octets = 0

  /** It may become larger by what is added last. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  get isFull(): boolean {
    return this.#framed !== undefined || this.#octets >= this.#maxOctets
  }

  get isEmpty(): boolean {
    return this.#framed === undefined && this.#put.size === 0 && this.#removed.size === 0
  }

  get resources(): Iterable<AddressResource> {
    return this.#put.values()
  }

  /** Resources that others are sent as well, as they stand in a response. */
  get framed(): Uint8Array | undefined {
    return this.#framed
  }

  get removed(): Iterable<string> {
    return this.#removed
  }

  put(resource: AddressResource): void {
    this.#removed.delete(resource.name)
    if (!this.#put.has(resource.name)) this.#octets += resource.octets.length
    this.#put.set(resource.name, resource)
  }

  /** Fills it, as nobody looks into these for names that are put or removed besides. */
  putFramed(octets: Uint8Array): void {
    this.#framed = octets
  }

  remove(name: string): void {
    this.#put.delete(name)
    this.#removed.add(name)
    this.#octets += name.length
  }
}
