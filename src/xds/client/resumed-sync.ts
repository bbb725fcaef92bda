/**
 * Finds out what a server dropped that was told what we have, and sends everything all the same.
 *
 * Servers should send differences and name what is gone. Some send all they have and name nothing:
 * they are known by sending most of what we have, some of it unchanged. Only then is what they did not
 * mention gone.
 */
export class ResumedSync {
  readonly #mentioned = new Set<string>()
  readonly #stated: number
  #unchanged = 0

  /** `stated` is how many resources the server was told that we have. */
  constructor(stated: number) {
    this.#stated = stated
  }

  /** `held` is the version in force before. */
  mention(name: string, { version, held }: { version: string; held: string | undefined }): void {
    this.#mentioned.add(name)
    if (version === held) this.#unchanged += 1
  }

  /** What is gone, once the server has sent all. */
  gone(held: Iterable<string>): readonly string[] {
    if (this.#unchanged === 0 || this.#mentioned.size * 2 < this.#stated) return []
    return [...held].filter((name) => !this.#mentioned.has(name))
  }
}
