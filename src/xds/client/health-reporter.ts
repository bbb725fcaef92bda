import { typeUrls } from '../type-url.ts'
import type { DeltaRequest } from './delta-stream.ts'

/** How the workload beside an agent is. */
export interface WorkloadHealth {
  readonly healthy: boolean
  /** Why it is not; for people. */
  readonly message: string
}

/** What Istio's agents say as well. */
const unhealthyCode = 500

/** Tells controllers how the workload is: what changed, and once on each new stream (Istio: HealthInformation). */
export class HealthReporter {
  #health: WorkloadHealth | undefined
  #send: ((request: DeltaRequest) => void) | undefined

  report(health: WorkloadHealth): void {
    const isSame = this.#health?.healthy === health.healthy
    this.#health = health
    if (!isSame) this.#tell()
  }

  /** A stream began. */
  begin(send: (request: DeltaRequest) => void): void {
    this.#send = send
    this.#tell()
  }

  end(): void {
    this.#send = undefined
  }

  #tell(): void {
    if (!this.#health) return
    const { healthy, message } = this.#health
    this.#send?.({
      typeUrl: typeUrls.health,
      ...(healthy ? {} : { errorDetail: { code: unhealthyCode, message } }),
    })
  }
}
