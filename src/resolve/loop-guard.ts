import type { Random } from '../base/random.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

/** Below our own reverse range, where nobody has names and no resolver has rules of its own. */
const probeZone = 'loop.240.240.in-addr.arpa'

/** As many equal questions at one time are suspicious: two clients do not make a loop. */
export const suspiciousEquals = 4

/**
 * As many are when a server does not reply in time: many a resolver asks once and lets equal questions
 * wait, so that they do not pile up in a loop.
 */
export const suspiciousOverdueEquals = 2

/** A server is probed this often, at most. */
const probeEveryMs = 1_000

/**
 * Finds servers that send our own questions back: when equal questions pile up, a question with a
 * name that nobody can know goes out, and whoever asks us for that name had it from there.
 */
export class LoopGuard {
  readonly #random: Random
  readonly #probes = new Map<SocketAddress, { readonly name: string; readonly sentMs: number }>()

  constructor(random: Random) {
    this.#random = random
  }

  /** A probe for the server; `undefined` when one is out already. */
  probe(server: SocketAddress, nowMs: number): Uint8Array | undefined {
    const last = this.#probes.get(server)
    if (last && nowMs - last.sentMs < probeEveryMs) return undefined
    if (this.#probes.size > 64) this.#probes.clear()
    const token = Array.from({ length: 4 }, () => this.#random().toString(16).padStart(4, '0'))
    const name = `${token.join('')}.${probeZone}`
    this.#probes.set(server, { name, sentMs: nowMs })
    return encodeMessage(
      queryOf({ name: parseName(`${name}.`), type: recordType.PTR, class: recordClass.IN }),
    )
  }

  /** The server that a probe with this name (lower case, no last dot) went to. */
  probed(name: string): SocketAddress | undefined {
    if (!name.endsWith(`.${probeZone}`)) return undefined
    for (const [server, probe] of this.#probes) if (probe.name === name) return server
    return undefined
  }
}
