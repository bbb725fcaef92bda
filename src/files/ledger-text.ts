import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Ledger } from '../allocate/ledger.ts'
import { familyOf, type IpFamily, tryParseIp } from '../ip/address.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'

/** What a text came to that should be a ledger. */
export type LedgerRead =
  | { readonly kind: 'ledger'; readonly ledger: Ledger }
  | { readonly kind: 'damaged'; readonly reason: string }
  /** Written by a later version of this program. */
  | { readonly kind: 'newer'; readonly version: number }

const version = 1

const Address = (family: IpFamily) =>
  z.string().transform((text, context) => {
    const address = tryParseIp(text)
    if (address !== undefined && familyOf(address) === family) return address
    context.addIssue({ code: 'custom', message: `not an IPv${family} address` })
    return z.NEVER
  })

const Owner = z
  .string()
  .regex(/^[^/]+\/[^/]+$/, 'not NAMESPACE/HOST')
  .transform((text) => text as VirtualOwner)

const Envelope = z.object({ version: z.int(), checksum: z.string(), ledger: z.unknown() })

const Body = z.object({
  held: z.array(z.object({ owner: Owner, v4: Address(4).optional(), v6: Address(6).optional() })),
  resting: z.array(
    z.object({ address: z.union([Address(4), Address(6)]), owner: Owner, untilMs: z.number() }),
  ),
})

/** The ledger as JSON with a version and a checksum, one host a line. */
export function formatLedger({ held, resting }: Ledger): string {
  // Each is written once, as there may be very many: the checksum is that of the text without line ends.
  const hosts = [...held].map(([owner, { v4, v6 }]) => JSON.stringify({ owner, v4, v6 }))
  const rests = [...resting].map(([address, rest]) => JSON.stringify({ address, ...rest }))
  const checksum = checksumOf(`{"held":[${hosts.join()}],"resting":[${rests.join()}]}`)
  const lines = (list: readonly string[]) =>
    list.length === 0 ? '[]' : `[\n${list.join(',\n')}\n]`
  return `{"version":${version},"checksum":"${checksum}","ledger":{
"held":${lines(hosts)},
"resting":${lines(rests)}
}}\n`
}

/** Takes only what `formatLedger` wrote and nobody changed. */
export function parseLedger(text: string): LedgerRead {
  const envelope = Envelope.safeParse(tryParseJson(text))
  if (!envelope.success) return { kind: 'damaged', reason: 'it is not a record of addresses' }
  if (envelope.data.version > version) return { kind: 'newer', version: envelope.data.version }
  if (envelope.data.checksum !== checksumOf(JSON.stringify(envelope.data.ledger))) {
    return { kind: 'damaged', reason: 'its checksum does not match' }
  }
  const body = Body.safeParse(envelope.data.ledger)
  if (!body.success) {
    const [issue] = body.error.issues
    return { kind: 'damaged', reason: `${issue?.path.join('.')}: ${issue?.message}` }
  }
  const { held, resting } = body.data
  return {
    kind: 'ledger',
    ledger: {
      held: new Map(
        held.map(({ owner, v4, v6 }) => [owner, { ...(v4 && { v4 }), ...(v6 && { v6 }) }]),
      ),
      resting: new Map(resting.map(({ address, ...rest }) => [address, rest])),
    },
  }
}

function checksumOf(body: string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
