import { CodedError } from './coded-error.ts'
import type { Log } from './log.ts'

/** Something that was started and can be stopped. */
export interface Running {
  stop(): Promise<void>
}

/** Something was to be started while everything is being stopped. */
export class ScopeStoppedError extends CodedError {
  override readonly code = 'SCOPE_STOPPED'

  constructor(name: string) {
    super(`${name} is not started: everything is being stopped`, {})
  }
}

/** Stops in reverse order what was started through it; what fails to stop does not keep the rest. */
export class Scope implements Running {
  readonly #log: Log
  readonly #started: { readonly name: string; readonly running: Running }[] = []
  #stopping = false

  constructor(log: Log) {
    this.#log = log
  }

  /** @throws {ScopeStoppedError} when the stop came first; what was started is stopped again. */
  async start<R extends Running>(name: string, start: () => R | Promise<R>): Promise<R> {
    if (this.#stopping) throw new ScopeStoppedError(name)
    const running = await start()
    if (this.#stopping) {
      await running.stop()
      throw new ScopeStoppedError(name)
    }
    this.#started.push({ name, running })
    this.#log.debug({ name }, 'started')
    return running
  }

  /** Starts all of something or nothing: when it fails, what was started until then is stopped again. */
  async whole<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Adds something to be done on the way down. */
  onStop(name: string, stop: () => void | Promise<void>): void {
    this.#started.push({ name, running: { stop: async () => stop() } })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    for (let last = this.#started.pop(); last; last = this.#started.pop()) {
      const { name, running } = last
      try {
        await running.stop()
        this.#log.debug({ name }, 'stopped')
      } catch (error) {
        this.#log.error({ name, error }, 'did not stop cleanly')
      }
    }
  }
}
