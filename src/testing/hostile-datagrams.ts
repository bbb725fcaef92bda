import { queryOctets } from './resolver-rig.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Names and types that reach every part of an agent: mesh, wildcards, aliases, upstreams. */
const questions = [
  'auto.mesh.test A',
  'auto.mesh.test AAAA',
  'plain.mesh.test HTTPS',
  'AuTo.MeSh.TeSt ANY',
  '_http._tcp.auto.mesh.test SRV',
  '_nothing._tcp.auto.mesh.test SRV',
  'a.wild.test A',
  'x.y.z.wild.test AAAA',
  'auto.mesh.test.ns1.svc.cluster.local A',
  'hl.ns1.svc.cluster.local A',
  'db-0.hl.ns1.svc.cluster.local A',
  'away.ns1.svc.cluster.local A',
  'circle.ns1.svc.cluster.local A',
  '1.0.240.240.in-addr.arpa PTR',
  '9.9.240.240.in-addr.arpa PTR',
  'auto.mesh.test AXFR',
  'whatever.up.test A',
  'big.up.test A',
]

/** Octets that mean something in a message: lengths, pointers, types, flags. */
const telling = [0, 1, 2, 12, 28, 33, 41, 63, 64, 127, 128, 0xc0, 0xfe, 0xff]

/**
 * An endless stream of datagrams that nobody should send to a DNS server: noise, valid queries with
 * a few octets changed, cut or glued together, pointers in circles, counts that lie, replies.
 *
 * The octets are valid until the next call.
 */
export class HostileDatagrams {
  readonly #random: SeededRandom
  readonly #queries: readonly Uint8Array[]
  readonly #noise = new Uint8Array(9_000)

  constructor(random: SeededRandom) {
    this.#random = random
    const edns = { options: [{ code: 10, octets: random.noise(new Uint8Array(8)) }] }
    this.#queries = questions.flatMap((question) => [
      queryOctets(question),
      queryOctets(question, { edns: { udpPayloadOctets: 4096, dnssecOk: true } }),
      queryOctets(question, { edns }),
    ])
  }

  next(): Uint8Array {
    const random = this.#random
    switch (random.below(10)) {
      case 0:
        return this.#someNoise()
      case 1:
        return this.#withLies()
      case 2:
        return this.#withPointers()
      case 3:
        return this.#glued()
      case 4:
        return this.#reply()
      default:
        return this.#mutated()
    }
  }

  /** Anything at all, mostly short, now and then larger than any query. */
  #someNoise(): Uint8Array {
    const most = this.#random.oneIn(200) ? this.#noise.length : 128
    return this.#random.noise(this.#noise.subarray(0, this.#random.below(most + 1)))
  }

  /** A header of noise before a well-formed question. */
  #withLies(): Uint8Array {
    const query = this.#query()
    for (let at = 2; at < 12; at += 1) {
      if (this.#random.oneIn(3)) query[at] = this.#random.pick(telling)
    }
    // Otherwise most would be dropped as replies.
    if (!this.#random.oneIn(8)) query[2] = (query[2] ?? 0) & 0x7f
    return query
  }

  /** Compression pointers where labels were: forwards, backwards, to themselves, far away. */
  #withPointers(): Uint8Array {
    const query = this.#query()
    const at = 12 + this.#random.below(Math.max(1, query.length - 13))
    query[at] = 0xc0 | this.#random.below(2)
    query[at + 1] = this.#random.oneIn(4) ? at : this.#random.below(256)
    return query
  }

  /** Two messages, or halves of them, in one. */
  #glued(): Uint8Array {
    const [first, second] = [this.#query(), this.#query()]
    const from = this.#random.oneIn(2) ? 12 : this.#random.below(second.length)
    return Uint8Array.from([...first, ...second.subarray(from)])
  }

  /** What only servers send. */
  #reply(): Uint8Array {
    const query = this.#query()
    query[2] = (query[2] ?? 0) | 0x80
    return query
  }

  #mutated(): Uint8Array {
    const query = this.#query()
    const changes = 1 + this.#random.below(4)
    for (let change = 0; change < changes; change += 1) {
      const at = this.#random.below(query.length)
      query[at] = this.#random.oneIn(2) ? this.#random.pick(telling) : this.#random.below(256)
    }
    return this.#random.oneIn(6) ? query.subarray(0, this.#random.below(query.length)) : query
  }

  #query(): Uint8Array {
    const query = this.#random.pick(this.#queries).slice()
    query[0] = this.#random.below(256)
    query[1] = this.#random.below(256)
    return query
  }
}
