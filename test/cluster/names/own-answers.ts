import dnsPacket from 'dns-packet'
import { readDocuments } from '../../../src/documents/documents.ts'
import type { PlainMap } from '../../../src/documents/plain-map.ts'
import type { ClusterFacts } from '../../../src/registry/cluster-facts.ts'
import { nameTableOf } from '../../../src/registry/name-table.ts'
import { viewOf } from '../../../src/registry/view.ts'
import { decodeResource } from '../../../src/testing/decode-resource.ts'
import { ResolverRig } from '../../../src/testing/resolver-rig.ts'
import { nameError, type Zone } from '../../../src/testing/upstream-server.ts'
import { AddressResources } from '../../../src/translate/discovery/address-resources.ts'
import { DiscoveredServices } from '../../../src/translate/discovery/discovered-services.ts'
import type { MeshObject } from '../../../src/translate/mesh-object.ts'
import { parseObject } from '../../../src/translate/parse-object.ts'
import { Translator } from '../../../src/translate/translator.ts'
import type { Message } from '../../../src/wire/message.ts'
import { ownNamespace, searchList } from './questions.ts'

/** What a pod's agent answers, from the objects of a cluster: through services and resources, without sockets. */
export class OwnAnswers {
  readonly #rig: ResolverRig
  readonly #zone: Zone
  /** `NAME TYPE` of what was asked elsewhere. */
  readonly forwarded: string[] = []

  constructor(objects: readonly PlainMap[], facts: ClusterFacts, zone: Zone) {
    const { domain: clusterDomain } = facts
    const translator = new Translator({
      clusterDomain,
      autoAllocate: true,
      defaultExportTo: ['*'],
    })
    translator.update({ gone: [], come: objects.flatMap(meshObjects) })
    const discovered = discover(translator, clusterDomain)
    const viewer = { namespace: ownNamespace, virtualFamilies: [4, 6] as const }
    const view = viewOf(discovered.services(), discovered.virtualAddresses(), viewer)
    const table = nameTableOf(view, { namespace: ownNamespace, clusterDomain })
    const resolvConf = `nameserver 192.0.2.53\nsearch ${searchList(clusterDomain).join(' ')}\n`
    this.#rig = new ResolverRig({ hosts: [...table.values()], resolvConf })
    this.#rig.resolver.setCluster(facts)
    this.#zone = zone
  }

  ask(question: string): Message {
    const replies = this.#rig.query(question, { edns: { udpPayloadOctets: 4096 } })
    for (const exchange of this.#rig.open.slice()) {
      const { id, questions = [] } = dnsPacket.decode(Buffer.from(exchange.octets))
      const key = `${questions[0]?.name} ${questions[0]?.type}`
      this.forwarded.push(key)
      const reply = this.#zone[key]?.reply ?? nameError
      const flags = (reply.flags ?? 0) | dnsPacket.RECURSION_AVAILABLE
      const message = { ...reply, type: 'response' as const, flags, id: id ?? 0, questions }
      this.#rig.received(exchange, dnsPacket.encode(message))
    }
    const [reply] = replies
    if (!reply) throw new Error(`no answer to ${question}`)
    return reply
  }
}

function meshObjects(value: PlainMap): readonly MeshObject[] {
  const [document] = readDocuments(JSON.stringify(value), 'cluster.json').documents
  const object = document && parseObject(document, { defaultNamespace: 'default' }).object
  return object ? [object] : []
}

/** As an agent has it from its controller. */
function discover(translator: Translator, clusterDomain: string): DiscoveredServices {
  const catalog = {
    services: () => translator.services(),
    virtualAddresses: () => new Map(),
    sidecars: () => [],
    follow: () => undefined,
  }
  const resources = new AddressResources({ clusterId: 'Kubernetes' })
  const { put } = resources.update(translator.services().keys(), catalog)
  const discovered = new DiscoveredServices({
    clusterDomain,
    virtualRanges: [],
    source: 'controller',
  })
  discovered.apply(put.map(decodeResource), [])
  return discovered
}
