import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import type { AddressSet } from '../capture/address-set.ts'
import type { CaptureBackend } from '../capture/capture.ts'
import { captureDown, captureFlushed } from '../capture/health.ts'
import type { CapturePlan } from '../capture/plan.ts'
import { CaptureTimeoutError } from '../capture/run-tool.ts'
import type { IpAddress } from '../ip/address.ts'
import type { AgentCapture } from './given-capture.ts'

export interface MachineCapturePorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly backend: CaptureBackend
  /** How often it is checked that nobody took the rules away. */
  readonly checkEveryMs?: number
}

const usualCheckEveryMs = 15_000
/** How often setting the first rules may take too long; a machine that starts is busy. */
const maxStarts = 3

/** Keeps the capture rules in force: while servers and addresses change, and when others flush them. */
export class MachineCapture implements AgentCapture, Running {
  readonly #ports: MachineCapturePorts
  #plan: CapturePlan
  #cancelCheck = () => {}
  #on = false
  /** A change failed: what is in force is not the plan. */
  #isBehind = false

  constructor(plan: CapturePlan, ports: MachineCapturePorts) {
    this.#plan = plan
    this.#ports = ports
  }

  get isOn(): boolean {
    return this.#on
  }

  /**
   * @throws {CaptureDeniedError | CaptureToolMissingError | CaptureRefusedError} when the rules cannot be set.
   * @throws {CaptureTimeoutError} when that took too long, several times.
   */
  async start(): Promise<this> {
    const plan = this.#plan
    await this.#setFirst(maxStarts)
    this.#on = true
    this.#checkLater()
    if (plan !== this.#plan) await this.#catchUp()
    return this
  }

  /** The relay takes connections to these from now on. */
  async followAddresses(addresses: AddressSet): Promise<void> {
    this.#plan = { ...this.#plan, addresses }
    if (!this.#on) return
    if (this.#isBehind) await this.#catchUp()
    else await this.#try(() => this.#ports.backend.update(addresses))
  }

  /** Questions for these servers are ours from now on. */
  async followNameservers(nameservers: readonly IpAddress[]): Promise<void> {
    if (typeof this.#plan.dns === 'string') return
    this.#plan = { ...this.#plan, dns: { nameservers } }
    if (this.#on) await this.#catchUp()
  }

  /** Catches nothing new; what is under way goes on until `remove`. */
  async stop(): Promise<void> {
    this.#on = false
    this.#cancelCheck()
    await this.#ports.backend.release()
  }

  async remove(): Promise<void> {
    await this.#ports.backend.remove()
  }

  async #setFirst(attempts: number): Promise<void> {
    try {
      await this.#apply()
    } catch (error) {
      if (attempts === 1 || !(error instanceof CaptureTimeoutError)) throw error
      this.#ports.log.warn({ error }, 'capture rules are tried again')
      await this.#setFirst(attempts - 1)
    }
  }

  #checkLater(): void {
    const { checkEveryMs = usualCheckEveryMs, clock, log } = this.#ports
    this.#cancelCheck = clock.after(checkEveryMs, () => {
      this.#check()
        .catch((error: unknown) => log.error({ error }, 'capture rules could not be checked'))
        .finally(() => {
          if (this.#on) this.#checkLater()
        })
    })
  }

  async #check(): Promise<void> {
    const { backend, health } = this.#ports
    const isInForce = await backend.isInForce()
    if (!this.#on) return
    if (isInForce) health.clear(captureFlushed)
    else health.set(captureFlushed, 'rules were gone and set anew')
    if (this.#isBehind || !isInForce) await this.#catchUp()
  }

  #catchUp(): Promise<void> {
    return this.#try(() => this.#apply())
  }

  async #apply(): Promise<void> {
    await this.#ports.backend.apply(this.#plan)
    this.#isBehind = false
  }

  async #try(work: () => Promise<void>): Promise<void> {
    const { health, log } = this.#ports
    try {
      await work()
      if (!this.#isBehind) health.clear(captureDown)
    } catch (error) {
      this.#isBehind = true
      health.set(captureDown, reasonOf(error))
      log.error({ error }, 'capture rules could not be changed')
    }
  }
}
