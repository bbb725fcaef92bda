/** Somebody who leads as a test wants. */
export class FakeLeadership {
  #leads = false
  readonly #followers: ((leads: boolean) => void)[] = []

  get leads(): boolean {
    return this.#leads
  }

  follow(onChange: (leads: boolean) => void): void {
    this.#followers.push(onChange)
    onChange(this.#leads)
  }

  lead(leads: boolean): void {
    this.#leads = leads
    for (const onChange of this.#followers) onChange(leads)
  }
}
