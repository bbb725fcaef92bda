import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Running } from '../../base/scope.ts'
import type { ReadinessProbe } from '../../config/readiness-probe.ts'
import type { WorkloadHealth } from '../client/health-reporter.ts'
import { probeOnce } from './probe-once.ts'

export interface ProberPorts {
  readonly clock: Clock
  readonly log: Log
  /** Hears of the first verdict, and of each other one. */
  report(health: WorkloadHealth): void
}

/** Asks the application beside us again and again how it is (Istio: ReadinessProbe). */
export class WorkloadProber implements Running {
  readonly #probe: ReadinessProbe
  readonly #ports: ProberPorts
  readonly #stopping = new AbortController()
  #asking: Promise<void> = Promise.resolve()
  #cancel = () => {}
  #healthy: boolean | undefined
  #successes = 0
  #failures = 0

  constructor(probe: ReadinessProbe, ports: ProberPorts) {
    this.#probe = probe
    this.#ports = ports
  }

  start(): this {
    this.#askIn(this.#probe.initialDelaySeconds)
    return this
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#cancel()
    await this.#asking
  }

  #askIn(seconds: number): void {
    this.#cancel = this.#ports.clock.after(seconds * 1_000, () => {
      this.#asking = this.#ask()
    })
  }

  async #ask(): Promise<void> {
    const { clock } = this.#ports
    const { method, timeoutSeconds, periodSeconds } = this.#probe
    const { signal } = this.#stopping
    const startMs = clock.now()
    const reason = await probeOnce(method, { clock, timeoutMs: timeoutSeconds * 1_000, signal })
    if (signal.aborted) return
    this.#count(reason)
    const tookSeconds = (clock.now() - startMs) / 1_000
    this.#askIn(Math.max(0, periodSeconds - tookSeconds))
  }

  #count(reason: string | undefined): void {
    const { successThreshold, failureThreshold } = this.#probe
    if (reason === undefined) {
      this.#failures = 0
      this.#successes += 1
      if (this.#successes >= successThreshold) this.#decide({ healthy: true, message: '' })
    } else {
      this.#successes = 0
      this.#failures += 1
      if (this.#failures >= failureThreshold) this.#decide({ healthy: false, message: reason })
    }
  }

  #decide(health: WorkloadHealth): void {
    if (this.#healthy === health.healthy) return
    this.#healthy = health.healthy
    const { log } = this.#ports
    if (health.healthy) log.info({}, 'the application is healthy')
    else log.warn({ reason: health.message }, 'the application is unhealthy')
    this.#ports.report(health)
  }
}
