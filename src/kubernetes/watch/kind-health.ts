import type { Health } from '../../base/health.ts'
import { kindForbidden, kindNotFollowed } from './health.ts'
import type { WatchedObjects } from './reflector-options.ts'
import { nameOfKind, ruleFor } from './watched-kind.ts'

/** A stream that breaks once is nothing to tell. */
const failuresToTell = 2

/** What the health page says of one reflector. */
export class KindHealth {
  readonly #health: Health
  readonly #watched: WatchedObjects
  /** Tells reflectors apart. */
  readonly #subject: string
  #failures = 0

  constructor(watched: WatchedObjects, health: Health) {
    const { kind, namespace = '', fieldSelector = '', labelSelector = '' } = watched
    this.#health = health
    this.#watched = watched
    this.#subject = [nameOfKind(kind), namespace, fieldSelector, labelSelector].join(' ')
  }

  failed(reason: string): void {
    this.#failures += 1
    if (this.#failures < failuresToTell) return
    this.#health.set(kindNotFollowed, `${nameOfKind(this.#watched.kind)}: ${reason}`, this.#subject)
  }

  forbidden(): void {
    const { kind, namespace, fieldSelector = '' } = this.#watched
    // Who lets us see one Secret need not let us see all of them.
    const [, name] = /^metadata\.name=([^,]+)$/.exec(fieldSelector) ?? []
    const place = namespace === undefined ? '' : ` in namespace ${namespace}`
    this.#health.clear(kindNotFollowed, this.#subject)
    this.#health.set(kindForbidden, `${ruleFor(kind, name)}${place}`, this.#subject)
  }

  well(): void {
    this.#failures = 0
    this.#health.clear(kindForbidden, this.#subject)
    this.#health.clear(kindNotFollowed, this.#subject)
  }
}
