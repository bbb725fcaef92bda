/** Collects what is wrong with one resource from the network. */
export class Faults {
  #first: string | undefined

  /** Only the first one is kept. */
  add(text: string): void {
    this.#first ??= text
  }

  /** `undefined` while nothing is wrong. */
  get first(): string | undefined {
    return this.#first
  }
}

/** Text from the network, short and in quotes. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
