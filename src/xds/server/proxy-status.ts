import type { Proxy } from '../proxy.ts'
import { typeUrls } from '../type-url.ts'
import type { ChangeMarks } from './change-marks.ts'
import type { RefusedResponse } from './exchange.ts'
import type { AnyOpenStream } from './open-stream.ts'
import type { ProxyConnection } from './ports.ts'
import type { Watch } from './watch.ts'

/** What is known of one stream. */
export interface ProxyStatus {
  readonly proxy: Proxy
  readonly connection: ProxyConnection
  readonly variant: 'delta' | 'whole'
  /** Milliseconds since 1970. */
  readonly since: number
  readonly types: readonly TypeStatus[]
}

/** What is known of one type of a stream. */
export interface TypeStatus {
  readonly typeUrl: string
  /** How many names it subscribes to. */
  readonly interest: number | 'all'
  readonly sentVersion?: string
  readonly ackedVersion?: string
  /** Of the last acknowledgement, in milliseconds since 1970. */
  readonly ackedAt?: number
  /** For how long the oldest change has not been acknowledged; 0 when all were. */
  readonly lagMs: number
  /** Of everything that it may see, when it has acknowledged all of that. */
  readonly tableHash?: string
  readonly refusals: number
  /** Whether it refused what it was sent last. */
  readonly isRefused: boolean
  readonly refused?: RefusedResponse
}

/** What a status is found out from. */
export interface StatusParts {
  readonly now: number
  readonly revision: number
  readonly marks: ChangeMarks
  tableHashOf(proxy: Proxy): string
}

/** `undefined` while the stream has not said who it is. */
export function statusOf(stream: AnyOpenStream, parts: StatusParts): ProxyStatus | undefined {
  const { greeted, connection, variant } = stream
  if (!greeted) return undefined
  const { proxy, since } = greeted
  const types = Array.from(greeted.stream.watches, (watch) => statusOfType(watch, proxy, parts))
  return { proxy, connection, variant: variant.name, since, types }
}

function statusOfType(watch: Watch<never>, proxy: Proxy, parts: StatusParts): TypeStatus {
  const { typeUrl, interest, exchange } = watch
  const { sent, ackedVersion, ackedAt, refusals, refused, isWaiting } = exchange
  const lagMs = watch.needs === Number.POSITIVE_INFINITY ? 0 : lagOf(watch, parts)
  const waitedMs = sent && isWaiting ? parts.now - sent.at : 0
  const isWhole = typeUrl === typeUrls.address && interest === 'all'
  const hasAll = isWhole && !isWaiting && lagMs === 0 && ackedVersion !== undefined
  return {
    typeUrl,
    interest,
    ...(sent ? { sentVersion: sent.version } : {}),
    ...(ackedVersion === undefined ? {} : { ackedVersion }),
    ...(ackedAt === undefined ? {} : { ackedAt }),
    lagMs: Math.max(lagMs, waitedMs),
    ...(hasAll && !exchange.refusedLast ? { tableHash: parts.tableHashOf(proxy) } : {}),
    refusals,
    isRefused: exchange.refusedLast,
    ...(refused ? { refused } : {}),
  }
}

/** Changes that do not concern a stream are never sent to it: what it has looked at counts as known. */
function lagOf({ needs }: Watch<never>, { marks, now }: StatusParts): number {
  const at = marks.firstAfter(needs)
  return at === undefined ? 0 : now - at
}
