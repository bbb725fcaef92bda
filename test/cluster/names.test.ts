import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { PlainMap } from '../../src/documents/plain-map.ts'
import { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openKubeconfig } from '../../src/kubernetes/client/kubeconfig-access.ts'
import {
  startUpstreamServer,
  type UpstreamServer,
  type Zone,
} from '../../src/testing/upstream-server.ts'
import type { Message } from '../../src/wire/message.ts'
import { Coredns } from './coredns.ts'
import { askServer } from './names/ask-server.ts'
import { covers, readDifferences } from './names/differences.ts'
import { isSameOutcome, outcomeOf } from './names/outcome.ts'
import { OwnAnswers } from './names/own-answers.ts'
import { otherQuestions, questionsOf, searchList, servicesOf } from './names/questions.ts'
import { makeWorld, namespaces, type Sent } from './names/world.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

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

describe('names of a cluster, beside CoreDNS', { skip }, () => {
  let cluster: TestCluster
  let upstream: UpstreamServer
  let objects: { readonly services: readonly PlainMap[]; readonly slices: readonly PlainMap[] }

  before(async () => {
    cluster = await TestCluster.start()
    upstream = await startUpstreamServer(zone)
    const client = new ClusterClient(
      openKubeconfig({ kubeconfig: cluster.kubeconfig, context: '' }),
    )
    await createAll(client, makeWorld(wanted))
    objects = {
      services: await list(client, '/api/v1/services', { apiVersion: 'v1', kind: 'Service' }),
      slices: await list(client, '/apis/discovery.k8s.io/v1/endpointslices', {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
      }),
    }
    assert.ok(objects.services.length >= wanted)
  })

  after(async () => {
    upstream?.stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  for (const domain of ['cluster.local', 'k8s.corp']) {
    it(`are answered the same below ${domain}, but for what the page of differences says`, async () => {
      const { address, port } = upstream.server
      const coredns = await Coredns.start(cluster, { domain, upstream: `${address}:${port}` })
      const own = ownAnswers(domain)
      const asked = servicesOf(objects.services, objects.slices)
      const questions = [
        ...asked.flatMap((service) => [...questionsOf(service, domain)]),
        ...otherQuestions([...namespaces, 'default', 'kube-system'], domain),
      ]
      const theirs = await askServer(coredns, questions)
      await cluster.stop('coredns')
      const differences = await readDifferences(domain)
      const used = new Set<string>()
      const unknown: string[] = []
      for (const [index, question] of questions.entries()) {
        const their = theirs[index]
        assert.ok(their)
        const [there, here] = [outcomeOf(their), outcomeOf(own.ask(question))]
        if (isSameOutcome(there, here)) continue
        const row = differences.find((one) => covers(one, question, { there, here }))
        if (row) used.add(row.what)
        else unknown.push([question, text(there), text(here)].join('\n    '))
      }
      const some = unknown.slice(0, 20).join('\n')
      assert.equal(unknown.length, 0, `of ${questions.length}, these among them:\n${some}`)
      const below = own.forwarded.filter((key) => key.includes(`${domain} `))
      assert.deepEqual(below, [], 'names of the cluster that were asked elsewhere')
      const unused = differences.map(({ what }) => what).filter((what) => !used.has(what))
      assert.deepEqual(unused, [], 'rows of the page that no question needs')
    })
  }

  it('lead a stub to the same addresses, whichever of its search domains is answered first', async () => {
    const { address, port } = upstream.server
    const coredns = await Coredns.start(cluster, { upstream: `${address}:${port}` })
    const own = ownAnswers('cluster.local')
    const names = servicesOf(objects.services, objects.slices).flatMap(({ name, namespace }) => [
      name,
      `${name}.${namespace}`,
      `${name}.${namespace}.svc`,
      `${name}.${namespace}.svc.cluster.local`,
    ])
    const wantedNames = [...names, 'www.up.test', 'nothing.up.test', 'nope', 'nope.ns1']
    const walks = wantedNames.map((name) => stepsOf(name, 'cluster.local'))
    const said = await askServer(coredns, walks.flat())
    await cluster.stop('coredns')
    for (const [at, steps] of walks.entries()) {
      const start = at * steps.length
      const theirs = addressesOf(said.slice(start, start + steps.length))
      const ours = addressesOf(steps.map((step) => own.ask(step)))
      assert.deepEqual(ours, theirs, wantedNames[at])
    }
  })

  function ownAnswers(domain: string): OwnAnswers {
    const exist = [...namespaces, 'default', 'kube-system', 'kube-public', 'kube-node-lease']
    const facts = { domain, namespaces: new Set(exist), complete: true }
    return new OwnAnswers([...objects.services, ...objects.slices], facts, zone)
  }
})

function text({ rcode, records }: ReturnType<typeof outcomeOf>): string {
  return [rcode, ...records].join(' | ')
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

async function createAll(client: ClusterClient, sent: readonly Sent[]): Promise<void> {
  const isNamespace = ({ body }: Sent) => body.kind === 'Namespace'
  for (const part of [sent.filter(isNamespace), sent.filter((one) => !isNamespace(one))]) {
    const rest = [...part]
    const work = async () => {
      for (let one = rest.shift(); one; one = rest.shift()) {
        await client.call({ method: 'POST', path: one.path, body: one.body })
      }
    }
    await Promise.all(Array.from({ length: 16 }, work))
  }
}

/** Items of a list do not say what they are. */
async function list(
  client: ClusterClient,
  path: string,
  kind: PlainMap,
): Promise<readonly PlainMap[]> {
  const { items } = await client.call({ path })
  assert.ok(Array.isArray(items))
  return items.map((item) => ({ ...kind, ...(item as PlainMap) }))
}
