import type { SocketAddress } from '../ip/socket-address.ts'
import type { Client, Transport } from '../resolve/driver.ts'

export interface FakeQuery {
  readonly octets: Uint8Array
  readonly client: Client
}

/** What an upstream, or the lack of one, had to say. */
export interface FakeReport {
  readonly server: SocketAddress
  readonly lane: number
  readonly octets?: Uint8Array
  readonly reason?: string
}

/** Stands where a driver expects the resolver: keeps what it is told, answers as it is told. */
export class FakeResolver {
  readonly queries: FakeQuery[] = []
  readonly reports: FakeReport[] = []
  readonly ticks: number[] = []
  /** The fast path; `undefined` leaves the query to `slow`. */
  fast: (octets: Uint8Array, transport: Transport) => Uint8Array | undefined = () => undefined
  slow: (query: FakeQuery) => void = () => {}

  answer(query: Uint8Array, length: number, out: Uint8Array, transport: Transport): number {
    const answer = this.fast(query.slice(0, length), transport)
    if (!answer) return 0
    out.set(answer)
    return answer.length
  }

  query(octets: Uint8Array, client: Client): void {
    const query = { octets, client }
    this.queries.push(query)
    this.slow(query)
  }

  received(server: SocketAddress, lane: number, octets: Uint8Array): void {
    this.reports.push({ server, lane, octets })
  }

  failed(server: SocketAddress, lane: number, reason: string): void {
    this.reports.push({ server, lane, reason })
  }

  tick(nowMs: number): void {
    this.ticks.push(nowMs)
  }
}

/** A header-only query with this ID and, behind it, what else tells it apart. */
export function fakeQuery(id: number, rest = ''): Buffer {
  return Buffer.concat([
    Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from(rest),
  ])
}

/** The same octets as a response (QR set). */
export function echoOf(query: Uint8Array): Buffer {
  const echo = Buffer.from(query)
  echo[2] = (echo[2] ?? 0) | 0x80
  return echo
}
