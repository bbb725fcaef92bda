import { mapAt, type PlainMap, textAt } from '../../documents/plain-map.ts'

/** What a lease says (Kubernetes: coordination/v1 LeaseSpec); hostile fields are as if they were missing. */
export interface Lease {
  /** Empty when nobody holds it. */
  readonly holder: string
  readonly seconds: number
  readonly transitions: number
  readonly acquireTime: string
  readonly resourceVersion: string
  /** Changes whenever its holder did something. */
  readonly renewal: string
}

/** Where a lease does not say how long it holds. */
const usualSeconds = 30
/** Nobody is waited for longer, whatever an object says. */
const longestSeconds = 3_600

/** Reads any object: one that is no Lease is one that nobody holds. */
export function readLease(raw: PlainMap): Lease {
  const spec = mapAt(raw, 'spec')
  const count = (value: unknown) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
  const holder = textAt(spec, 'holderIdentity')
  const seconds = count(spec['leaseDurationSeconds']) ?? usualSeconds
  const transitions = count(spec['leaseTransitions']) ?? 0
  return {
    holder,
    seconds: Math.min(seconds, longestSeconds),
    transitions,
    acquireTime: textAt(spec, 'acquireTime'),
    resourceVersion: textAt(raw['metadata'], 'resourceVersion'),
    renewal: `${holder} ${transitions} ${textAt(spec, 'renewTime')}`,
  }
}

/** Kubernetes: meta/v1 MicroTime. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z')
}

/** Follows one lease by the looker's own clock: others' clocks may be anything. */
export class LeaseObservation {
  #renewal = ''
  #changedAt = 0
  #seconds = 0
  #held = false

  /** Takes what the lease says at a look that began at `now` (of a clock that never goes back). */
  see(lease: Lease | undefined, now: number): void {
    this.#held = lease !== undefined && lease.holder !== ''
    if (!lease || lease.renewal === this.#renewal) return
    this.#renewal = lease.renewal
    this.#seconds = lease.seconds
    this.#changedAt = now
  }

  /** Whether its holder must still be taken to be there. */
  isHeld(now: number): boolean {
    return this.#held && now < this.#changedAt + this.#seconds * 1_000
  }
}
