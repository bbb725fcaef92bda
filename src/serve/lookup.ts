import type { Clock } from '../base/clock.ts'
import { CodedError } from '../base/coded-error.ts'
import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { Client } from '../resolve/driver.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'
import { type Name, nameKey, parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { formatRcode, rcode } from '../wire/rcode.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'
import { followAliases, negativeTtlSeconds } from './follow-aliases.ts'

/** The upstreams' side of the resolver. */
export interface LookupPort {
  /** Asks the upstreams only, never the mesh. */
  lookup(octets: Uint8Array, client: Client, nowMs: number): void
}

export interface LookedUp {
  /** None when the name has none of this family, or does not exist. */
  readonly addresses: readonly IpAddress[]
  /** Of the shortest-lived record that led there; of the denial when there is no address. */
  readonly ttlSeconds: number
}

export interface LookupPorts {
  readonly clock: Clock
  /** How long one name may take, aliases included. */
  readonly timeoutMs: number
}

/** Nobody could tell the addresses of a name. */
export class LookupFailedError extends CodedError {
  override readonly code = 'SERVE_LOOKUP_FAILED'

  constructor(name: string, reason: string, cause?: unknown) {
    super(`the upstream servers did not resolve ${name}: ${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Ask the servers of resolv.conf for it yourself: `dig NAME @SERVER`.',
    })
  }
}

/** Questions for one name: itself, and aliases whose target the server left to us. */
const maxQuestions = 8

/**
 * Makes the function that finds the addresses of a name as the world outside of the mesh knows them.
 *
 * What it makes rejects with `LookupFailedError` when nobody answers in time, or only with failures.
 */
export function createLookup(
  resolver: LookupPort,
  ports: LookupPorts,
): (name: string, family: IpFamily) => Promise<LookedUp> {
  return async (name, family) => {
    const { promise: expired, reject } = Promise.withResolvers<never>()
    const cancel = ports.clock.after(ports.timeoutMs, () =>
      reject(new LookupFailedError(name, 'no answer in time')),
    )
    try {
      return await Promise.race([expired, find(name, family)])
    } finally {
      cancel()
    }
  }

  async function find(text: string, family: IpFamily): Promise<LookedUp> {
    let name = parseName(text)
    let ttlSeconds = Number.POSITIVE_INFINITY
    for (let asked = 0; asked < maxQuestions; asked += 1) {
      const message = await ask(text, name, family)
      const found = followAliases(message.answers, name, family)
      ttlSeconds = Math.min(ttlSeconds, found.ttlSeconds)
      const denialSeconds = negativeTtlSeconds(message.authorities)
      const isAlias = nameKey(found.name) !== nameKey(name)
      const isDenied = message.rcode === rcode.NXDOMAIN || denialSeconds !== undefined
      if (found.addresses.length > 0) return { addresses: found.addresses, ttlSeconds }
      if (!isAlias || isDenied) {
        return { addresses: [], ttlSeconds: Math.min(ttlSeconds, denialSeconds ?? deniedSeconds) }
      }
      name = found.name
    }
    throw new LookupFailedError(text, 'too many aliases')
  }

  async function ask(text: string, name: Name, family: IpFamily): Promise<Message> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>()
    const client: Client = {
      transport: 'udp',
      describe: () => 'meshdns itself',
      originalServer: () => undefined,
      reply: resolve,
    }
    resolver.lookup(questionFor(name, family), client, ports.clock.now())
    const message = decode(text, await promise)
    if (message.rcode === rcode.NOERROR || message.rcode === rcode.NXDOMAIN) return message
    throw new LookupFailedError(text, formatRcode(message.rcode))
  }
}

/** How long a denial counts that does not say so itself. */
const deniedSeconds = 30

function decode(text: string, octets: Uint8Array): Message {
  try {
    return decodeMessage(octets)
  } catch (cause) {
    throw new LookupFailedError(text, 'the answer is malformed', cause)
  }
}

/** The resolver gives it another ID on its way out. */
function questionFor(name: Name, family: IpFamily): Uint8Array {
  const type = family === 4 ? recordType.A : recordType.AAAA
  const edns = { udpPayloadOctets: 1_232, version: 0, dnssecOk: false, options: [] }
  return encodeMessage(queryOf({ name, type, class: recordClass.IN }, { edns }))
}
