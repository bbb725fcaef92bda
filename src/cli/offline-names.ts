import { readFileSync } from 'node:fs'
import { Health } from '../base/health.ts'
import { Meters } from '../base/meters.ts'
import { clusterSearch, parseResolvConf, type ResolvConf } from '../config/resolv-conf.ts'
import { parseIp } from '../ip/address.ts'
import { diffNameTables, nameTableOf } from '../registry/name-table.ts'
import type { Exchange } from '../resolve/driver.ts'
import type { HostTable } from '../resolve/host-table.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { Resolver } from '../resolve/resolver.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'
import { queryOf } from '../wire/query.ts'
import type { Question } from '../wire/question.ts'
import type { OfflineMesh } from './offline-mesh.ts'

/** The names of the mesh, and what this machine, or a pod, does with all others. */
export interface OfflineNames {
  readonly table: HostTable
  readonly resolvConf: ResolvConf
  /** What an agent would say, of a chain of names as far as it is the mesh's; `undefined` when it would ask an upstream. */
  answer(question: Question): Message | undefined
}

/** In place of all upstreams, of which none is asked. */
const nobody = { address: parseIp('192.0.2.1'), port: 53 }
const edns = { udpPayloadOctets: 1_232, version: 0, dnssecOk: false, options: [] }

export function offlineNames(mesh: OfflineMesh): OfflineNames {
  const { view, namespace, clusterDomain, pools } = mesh
  const resolvConf = mesh.isOfCluster ? podResolvConf(mesh) : readResolvConf()
  const asked: Exchange[] = []
  const driver = { ask: (one: Exchange) => void asked.push(one), forget() {}, wakeAt() {} }
  const resolver = new Resolver(driver, ResolverOptions.parse({}), {
    clock: { now: () => 0 },
    meters: new Meters(),
    health: new Health(),
    random: () => 0,
    own: [],
    virtualPrefixes: [pools.v4, pools.v6],
  })
  resolver.followResolvConf({ ...resolvConf, nameservers: [nobody] })
  resolver.updateHosts(diffNameTables(new Map(), nameTableOf(view, { namespace, clusterDomain })))
  return { table: resolver.table, resolvConf, answer }

  function answer(question: Question): Message | undefined {
    const replies: Message[] = []
    const client = {
      transport: 'tcp' as const,
      describe: () => 'lookup',
      originalServer: () => undefined,
      reply: (octets: Uint8Array) => void replies.push(decodeMessage(octets)),
    }
    resolver.query(encodeMessage(queryOf(question, { edns })), client, 0)
    const exchange = asked.pop()
    if (!exchange) return replies[0]
    const { server, lane, octets } = exchange
    const nothing = encodeMessage({ ...decodeMessage(octets), response: true })
    resolver.received(server, lane, nothing, 0)
    return replies.find(({ answers }) => answers.length > 0)
  }
}

/** As pods have it that say nothing else; which servers it names, none of us knows. */
function podResolvConf({ namespace, clusterDomain }: OfflineMesh): ResolvConf {
  return parseResolvConf(`search ${clusterSearch(namespace, clusterDomain).join(' ')}\n`)
}

export function readResolvConf(): ResolvConf {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'))
  } catch {
    return parseResolvConf('')
  }
}
