import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import {
  startUpstreamServer,
  type UpstreamServer,
  type Zone,
} from '../../src/testing/upstream-server.ts'
import type { Message } from '../../src/wire/message.ts'
import { applyDefinitions } from './cluster-ports.ts'
import { Coredns } from './coredns.ts'
import { askServer } from './names/ask-server.ts'
import { churn, settled } from './names/churn.ts'
import { compare } from './names/compare.ts'
import { readDifferences } from './names/differences.ts'
import { OwnAgent } from './names/own-agent.ts'
import { type AskedService, otherQuestions, questionsOf, searchList } from './names/questions.ts'
import { createAll, readServices } from './names/send-objects.ts'
import { makeWorld, namespaces } from './names/world.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

// An upstream has port 53.
const skip = networkTestsSkip() || (await clusterTestsSkip())

/** What exists outside. */
const zone: Zone = {
  'www.up.test A': { reply: { answers: [{ type: 'A', name: 'www.up.test', data: '192.0.2.8' }] } },
  'www.up.test AAAA': {
    reply: { answers: [{ type: 'AAAA', name: 'www.up.test', data: '2001:db8::8' }] },
  },
  'v4only.up.test A': {
    reply: { answers: [{ type: 'A', name: 'v4only.up.test', data: '192.0.2.9' }] },
  },
  'v4only.up.test AAAA': { reply: {} },
}

const wanted = 500

/** Of the other domain fewer Services are enough; all kinds are among them. */
const someOfMany = 5

const allNamespaces = [...namespaces, 'default', 'kube-system']

describe('names of a cluster, beside CoreDNS', { skip, timeout: 900_000 }, () => {
  let cluster: TestCluster
  let client: ClusterClient
  let upstream: UpstreamServer
  let services: readonly AskedService[]

  before(async () => {
    cluster = await TestCluster.start({ controllers: ['namespace-controller'] })
    upstream = await startUpstreamServer(zone)
    client = cluster.connect()
    await applyDefinitions(cluster)
    await cluster.must(['create', 'namespace', 'istio-system'])
    await createAll(client, makeWorld(wanted))
    services = await readServices(client)
    assert.ok(services.length >= wanted)
  })

  after(async () => {
    upstream?.stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  async function startCoredns(domain: string): Promise<Coredns> {
    const { address, port } = upstream.server
    const options = { domain, upstream: `${address}:${port}`, cacheSeconds: 0 }
    return await Coredns.start(cluster, options)
  }

  describe('below cluster.local', () => {
    const domain = 'cluster.local'
    let agent: OwnAgent
    let coredns: Coredns

    before(async () => {
      agent = await OwnAgent.start(cluster, domain, zone)
      coredns = await startCoredns(domain)
    })
    after(async () => {
      await agent?.[Symbol.asyncDispose]()
      await cluster.stop('coredns')
    })

    const questions = () => [
      ...services.flatMap((service) => [...questionsOf(service, domain)]),
      ...otherQuestions(allNamespaces, domain),
    ]

    it('are answered the same, but for what the page of differences says', async () => {
      const used = await compare({ domain, there: coredns, here: agent }, questions())
      const rows = await readDifferences(domain)
      const unused = rows.map(({ what }) => what).filter((what) => !used.has(what))
      assert.deepEqual(unused, [], 'rows of the page that no question needs')
      assertNoneForwarded(agent, domain)
    })

    it('lead a stub to the same addresses, whichever of its search domains is answered first', async () => {
      const names = [
        ...services.flatMap(({ name, namespace }) => {
          const short = `${name}.${namespace}`
          return [name, short, `${short}.svc`, `${short}.svc.${domain}`]
        }),
        'www.up.test',
        'nothing.up.test',
        'nope',
        'nope.ns1',
      ]
      const walks = names.map((name) => stepsOf(name, domain))
      const theirs = await askServer(coredns, walks.flat())
      const ours = await askServer(agent, walks.flat())
      for (const [at, { length }] of walks.entries()) {
        const part = (all: readonly Message[]) => all.slice(at * length, (at + 1) * length)
        assert.deepEqual(addressesOf(part(ours)), addressesOf(part(theirs)), names[at])
      }
    })

    it('are the same again after much has changed', async () => {
      const asked = questions()
      await churn(client, 'team-a')
      await cluster.must(['wait', '--for=delete', '--timeout=300s', 'namespace/team-a'])
      services = await readServices(client)
      await settled(client, domain, [coredns, agent])
      agent.forwarded()
      const now = [...new Set([...asked, ...questions(), ...otherQuestions(['late'], domain)])]
      await compare({ domain, there: coredns, here: agent }, now)
      assertNoneForwarded(agent, domain)
    })
  })

  it('are answered the same below another domain', async () => {
    const domain = 'k8s.corp'
    await using agent = await OwnAgent.start(cluster, domain, zone)
    const coredns = await startCoredns(domain)
    const some = services.filter((_, at) => at % someOfMany === 0)
    const questions = some.flatMap((service) => [...questionsOf(service, domain)])
    questions.push(...otherQuestions(allNamespaces, domain))
    await compare({ domain, there: coredns, here: agent }, questions)
    await cluster.stop('coredns')
    assertNoneForwarded(agent, domain)
  })
})

function assertNoneForwarded(agent: OwnAgent, domain: string): void {
  const below = agent.forwarded().filter((line) => line.includes(`.${domain} `))
  assert.deepEqual(below.slice(0, 20), [], 'names of the cluster that were asked elsewhere')
}

/** What a stub asks, one after the other, until something has addresses (ndots:5). */
function stepsOf(name: string, domain: string): readonly string[] {
  return [...searchList(domain).map((ending) => `${name}.${ending}`), name].map(
    (one) => `${one}. A`,
  )
}

function addressesOf(answers: readonly Message[]): readonly string[] {
  const found = answers.find((message) => message.answers.some(({ data }) => data.kind === 'A'))
  const addresses = found?.answers.map(({ data }) => (data.kind === 'A' ? data.address : ''))
  return addresses?.filter((address) => address !== '').sort() ?? []
}
