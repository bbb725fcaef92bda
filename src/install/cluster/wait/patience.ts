import type { Clock } from '../../../base/clock.ts'
import { CodedError } from '../../../base/coded-error.ts'

/** Something in the cluster did not come up in time. What was applied stays. */
export class NotInTimeError extends CodedError {
  override readonly code = 'INSTALL_NOT_IN_TIME'

  constructor(what: string, reasons: readonly string[]) {
    const because =
      reasons.length > 0 ? `:\n${reasons.map((reason) => `  ${reason}`).join('\n')}` : ''
    super(`waited too long ${what}${because}`, {
      hint: `${reasons.some(isOfImage) ? imageHint : 'Mend the reason'}, and run the same command again; --readiness-timeout gives it more time.`,
    })
  }
}

const imageHint =
  'Push the image to a registry that the nodes reach, name it with --set hub=REGISTRY/FOLDER --set tag=TAG'

function isOfImage(reason: string): boolean {
  return /\b(ErrImage|ImagePull|InvalidImageName)/.test(reason)
}

interface PatienceOptions {
  readonly clock: Clock
  /** For all waits together. */
  readonly limitMs: number
  /** Lets so many milliseconds pass, and keeps the process alive meanwhile. */
  pause(delayMs: number): Promise<void>
  /** Tells a person, a line at a time. */
  say(line: string): void
}

const pauseMs = 500

/** Waits for things in a cluster: says what for, and not for ever. */
export class Patience {
  readonly #options: PatienceOptions
  readonly #endMs: number
  #said = ''
  /** Also those that were the same again. */
  #progressCount = 0

  constructor(options: PatienceOptions) {
    this.#options = options
    this.#endMs = options.clock.now() + options.limitMs
  }

  say(line: string): void {
    this.#options.say(line)
  }

  /** As `say`, but not the same twice in a row. */
  progress(line: string): void {
    this.#progressCount += 1
    if (line === this.#said) return
    this.#said = line
    this.say(line)
  }

  /**
   * Asks again and again until it is so. Says `what` where `isSo` does not say itself how far it is.
   * @throws {NotInTimeError} with the reasons that `why` finds.
   */
  async until(
    isSo: () => Promise<boolean>,
    what: string,
    why: () => Promise<readonly string[]> = async () => [],
  ): Promise<void> {
    for (;;) {
      const count = this.#progressCount
      if (await isSo()) return
      if (this.#options.clock.now() >= this.#endMs) throw new NotInTimeError(what, await why())
      if (this.#progressCount === count) this.progress(`waiting ${what}`)
      await this.#options.pause(pauseMs)
    }
  }
}
