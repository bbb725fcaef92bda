import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import type { AddressSet } from '../capture/address-set.ts'
import type { CaptureBackend } from '../capture/capture.ts'
import { captureDown, captureFlushed } from '../capture/health.ts'
import type { CapturePlan } from '../capture/plan.ts'
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

/** Keeps the capture rules in force: while servers and addresses change, and when others flush them. */
export class MachineCapture implements AgentCapture, Running {
  readonly #ports: MachineCapturePorts
  #plan: CapturePlan
  #cancelCheck = () => {}
  #on = false

  constructor(plan: CapturePlan, ports: MachineCapturePorts) {
    this.#plan = plan
    this.#ports = ports
  }

  get isOn(): boolean {
    return this.#on
  }

  /** @throws {CaptureDeniedError | CaptureToolMissingError | CaptureRefusedError} when the rules cannot be set. */
  async start(): Promise<this> {
    await this.#ports.backend.apply(this.#plan)
    this.#on = true
    this.#checkLater()
    return this
  }

  /** The relay takes connections to these from now on. */
  async followAddresses(addresses: AddressSet): Promise<void> {
    this.#plan = { ...this.#plan, addresses }
    if (this.#on) await this.#try(() => this.#ports.backend.update(addresses))
  }

  /** Questions for these servers are ours from now on. */
  async followNameservers(nameservers: readonly IpAddress[]): Promise<void> {
    if (typeof this.#plan.dns === 'string') return
    this.#plan = { ...this.#plan, dns: { nameservers } }
    if (this.#on) await this.#try(() => this.#ports.backend.apply(this.#plan))
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

  #checkLater(): void {
    const { checkEveryMs = usualCheckEveryMs, clock } = this.#ports
    this.#cancelCheck = clock.after(checkEveryMs, () => {
      this.#check().catch((error: unknown) => {
        this.#ports.log.error({ error }, 'capture rules could not be checked')
      })
    })
  }

  async #check(): Promise<void> {
    const { backend, health } = this.#ports
    if (!(await backend.isInForce()) && this.#on) {
      health.set(captureFlushed, 'rules were gone and set anew')
      await this.#try(() => backend.apply(this.#plan))
    } else {
      health.clear(captureFlushed)
    }
    if (this.#on) this.#checkLater()
  }

  async #try(work: () => Promise<void>): Promise<void> {
    const { health, log } = this.#ports
    try {
      await work()
      health.clear(captureDown)
    } catch (error) {
      health.set(captureDown, reasonOf(error))
      log.error({ error }, 'capture rules could not be changed')
    }
  }
}
