import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { OneAtATime } from '../base/one-at-a-time.ts'
import type { Running } from '../base/scope.ts'
import type { AgentCapture } from './given-capture.ts'

export interface CaptureSwitchPorts {
  readonly clock: Clock
  readonly log: Log
  readonly capture: Pick<AgentCapture, 'start' | 'stop' | 'remove'>
  /** Questions and connections that were caught and are under way. */
  readonly pending: () => number
}

/** How often it is looked whether everything that was caught has ended. */
const lookEveryMs = 200

/**
 * Turns capture on and off while the agent runs.
 *
 * Off means at once that nothing new is caught. The rules go when everything that was caught before has ended, since
 * without them nothing translates for it.
 */
export class CaptureSwitch implements Running {
  readonly #ports: CaptureSwitchPorts
  readonly #turning = new OneAtATime(() => this.#turn())
  #wanted = false
  #isOn = false
  #hasRules = false
  #cancelLook = () => {}

  constructor(ports: CaptureSwitchPorts) {
    this.#ports = ports
  }

  /** Resolves when it is as it was wanted last. May be called while another call is at work. */
  async set(on: boolean): Promise<void> {
    this.#wanted = on
    await this.#turning.run()
  }

  /** Catches nothing new; what is under way goes on until `remove`. */
  async stop(): Promise<void> {
    this.#cancelLook()
    await this.set(false)
    this.#cancelLook()
  }

  /** Takes the rules away, if there are any. */
  async remove(): Promise<void> {
    if (!this.#hasRules) return
    this.#hasRules = false
    await this.#ports.capture.remove()
  }

  async #turn(): Promise<void> {
    const { capture, log } = this.#ports
    const on = this.#wanted
    if (on === this.#isOn) return
    this.#cancelLook()
    if (on) {
      this.#hasRules = true
      await capture.start()
    } else {
      await capture.stop()
      this.#removeLater()
    }
    this.#isOn = on
    log.info({ mode: on ? 'captured' : 'asked' }, 'capture was switched')
  }

  #removeLater(): void {
    const { clock, log, pending } = this.#ports
    this.#cancelLook = clock.after(lookEveryMs, () => {
      if (pending() > 0) {
        this.#removeLater()
        return
      }
      this.#removeUnlessOn().catch((error: unknown) => {
        log.error({ error }, 'capture rules could not be removed')
      })
    })
  }

  /** In its turn: it may have been switched on again meanwhile. */
  async #removeUnlessOn(): Promise<void> {
    await this.#turning.idle()
    if (!this.#isOn && !this.#wanted) await this.remove()
  }
}
