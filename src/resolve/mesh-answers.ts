import type { Random } from '../base/random.ts'
import type { Prefix } from '../ip/prefix.ts'
import { type ClusterFacts, isSameFacts } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NameTableDelta } from '../registry/name-record.ts'
import type { Message } from '../wire/message.ts'
import { nameKey, parseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import type { QueryScan } from '../wire/scan.ts'
import { encodeWithin } from '../wire/truncate.ts'
import { AnswerCache } from './answer-cache.ts'
import { addressTo, questionEndOf, readyOctets } from './answer-octets.ts'
import { limitOf } from './client-limit.ts'
import type { HostNames, NamesChange } from './host-names.ts'
import { HostTable } from './host-table.ts'
import { answerLocally, splitService } from './local-answer.ts'
import type { LocalAnswer } from './local-records.ts'
import type { ResolverOptions } from './options.ts'
import type { Query } from './query.ts'
import { replyTo } from './reply.ts'

export interface MeshAnswersPorts {
  readonly random: Random
  readonly virtualPrefixes: readonly Prefix[]
}

/** The mesh's answers: built once from the host table, from then on copied out of the cache. */
export class MeshAnswers {
  readonly #options: ResolverOptions
  readonly #ports: MeshAnswersPorts
  readonly #cache: AnswerCache
  readonly table = new HostTable()

  constructor(options: ResolverOptions, ports: MeshAnswersPorts) {
    this.#options = options
    this.#ports = ports
    this.#cache = new AnswerCache(options.cachedAnswers)
  }

  get cached(): number {
    return this.#cache.size
  }

  /** Takes changes of the mesh; only answers that they change are forgotten. */
  update(delta: NameTableDelta): void {
    this.namesChanged(this.table.update(delta))
  }

  /** Names that somebody else updated have changed so. */
  namesChanged({ changed, namesChanged, newNames }: NamesChange): void {
    this.#cache.dropWhere(({ host, name }) => {
      if (host === undefined) return true
      if (changed.has(host) || this.table.isAmong(newNames, name)) return true
      return namesChanged && this.#hostOf(name) !== host
    })
  }

  /** Answers from these names from now on, which somebody else updates. */
  useNames(names: HostNames): void {
    this.table.use(names)
    this.#cache.dropWhere(() => true)
  }

  /** Takes what is known of the cluster as a whole; every answer may depend on it. */
  setCluster(facts: ClusterFacts | undefined): void {
    if (isSameFacts(facts, this.table.cluster)) return
    this.table.setCluster(facts)
    this.#cache.dropWhere(() => true)
  }

  setSearch(domains: readonly string[]): void {
    this.table.setSearch(domains)
    this.#cache.dropWhere(() => true)
  }

  /** The fast path; see `AnswerCache.answer`. */
  ready(query: Uint8Array, scan: QueryScan, out: Uint8Array, limitOctets: number): number {
    return this.#cache.answer(query, scan, out, limitOctets)
  }

  /** What the mesh says; names in the answer are in lower case. `undefined`: not the mesh's. */
  find(question: Question): LocalAnswer | undefined {
    const { ttlSeconds } = this.#options
    const { virtualPrefixes } = this.#ports
    return answerLocally(this.table, question, { ttlSeconds, virtualPrefixes })
  }

  /** Encodes the answer, keeps it ready for the next time, and replies. */
  reply({ octets: query, message, question, client }: Query, local: LocalAnswer): void {
    const name = parseName(nameKey(question.name))
    const lowered = { ...message, questions: [{ ...question, name }] }
    const parts = { ...local, authoritative: true }
    const reply = replyTo(lowered, this.#options.udpPayloadOctets, parts)
    const hasEdns = message.edns !== undefined
    const { octets, rotation } = readyOctets(reply, local, { hasEdns })
    const questionEnd = questionEndOf(octets)
    this.#cache.store({
      host: local.host,
      name: name.slice(0, -1),
      octets: octets.slice(),
      questionEnd,
      hasEdns,
      dnssecOk: message.edns?.dnssecOk ?? false,
      ...(rotation ? { rotation } : {}),
    })
    const limit = limitOf(client, message)
    const fitting = octets.length <= limit ? octets : encodeWithin(this.#turned(reply), limit)
    client.reply(addressTo(query, fitting, questionEnd))
  }

  /** Begins elsewhere each time, for answers that are about to be cut. */
  #turned(reply: Message): Message {
    const start = this.#ports.random() % Math.max(reply.answers.length, 1)
    return { ...reply, answers: [...reply.answers.slice(start), ...reply.answers.slice(0, start)] }
  }

  #hostOf(name: string): Hostname | undefined {
    return this.table.lookup(splitService(name).host)?.record.host
  }
}
