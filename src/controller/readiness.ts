import type { Readiness } from '../admin/pages.ts'

/** Whether a controller serves, and else what it waits for. */
export class ControllerReadiness {
  /** Nothing when it waits for nothing. */
  #reason: (() => string) | undefined = () => 'starting'

  /** What is being waited for from now on, in words for people; it may change while it lasts. */
  waitFor(reason: string | (() => string)): void {
    this.#reason = typeof reason === 'string' ? () => reason : reason
  }

  ready(): void {
    this.#reason = undefined
  }

  current(): Readiness {
    return this.#reason ? { ready: false, reason: this.#reason() } : { ready: true }
  }
}
