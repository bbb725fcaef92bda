import { readFileSync } from 'node:fs'
import { parseResolvConf, type ResolvConf } from '../config/resolv-conf.ts'
import { diffNameTables, nameTableOf } from '../registry/name-table.ts'
import { HostTable } from '../resolve/host-table.ts'
import { answerLocally } from '../resolve/local-answer.ts'
import { type LocalAnswer, maxLinks } from '../resolve/local-records.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { nameKey, parseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import type { ResourceRecord } from '../wire/record.ts'
import type { OfflineMesh } from './offline-mesh.ts'

/** The names of the mesh, and what this machine, or a pod, does with all others. */
export interface OfflineNames {
  readonly table: HostTable
  readonly resolvConf: ResolvConf
  /** What an agent would say; `undefined` when it would ask an upstream. */
  answer(question: Question): LocalAnswer | undefined
}

export function offlineNames(mesh: OfflineMesh): OfflineNames {
  const { view, namespace, clusterDomain, pools } = mesh
  const resolvConf = mesh.isOfCluster ? podResolvConf(mesh) : readResolvConf()
  const table = new HostTable()
  table.update(diffNameTables(new Map(), nameTableOf(view, { namespace, clusterDomain })))
  table.setSearch(resolvConf.search)
  const { ttlSeconds } = ResolverOptions.parse({})
  const options = { ttlSeconds, virtualPrefixes: [pools.v4, pools.v6] }
  const answer = (question: Question) => answerLocally(table, question, options)
  return {
    table,
    resolvConf,
    answer: (question) => asAsked(question, followAliases(question, answer)),
  }
}

/** In the case of the question, as on the wire, where the answer's name is that of the question. */
function asAsked({ name }: Question, local: LocalAnswer | undefined): LocalAnswer | undefined {
  const lowered = parseName(nameKey(name))
  return (
    local && {
      ...local,
      answers: local.answers.map((one) => (one.name === lowered ? { ...one, name } : one)),
    }
  )
}

function followAliases(
  question: Question,
  answer: (question: Question) => LocalAnswer | undefined,
): LocalAnswer | undefined {
  let local = answer(question)
  const answers: ResourceRecord[] = []
  for (let links = 0; local && links < maxLinks; links += 1) {
    answers.push(...local.answers)
    if (local.continueAt === undefined) return { ...local, answers }
    const next = answer({ ...question, name: local.continueAt })
    if (!next) return { ...local, answers }
    local = next
  }
  return local
}

/** As pods have it that say nothing else; which servers it names, none of us knows. */
function podResolvConf({ namespace, clusterDomain }: OfflineMesh): ResolvConf {
  const services = `svc.${clusterDomain}`
  return parseResolvConf(`search ${namespace}.${services} ${services} ${clusterDomain}\n`)
}

export function readResolvConf(): ResolvConf {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'))
  } catch {
    return parseResolvConf('')
  }
}
