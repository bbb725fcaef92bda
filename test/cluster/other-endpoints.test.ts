import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { KubernetesSource } from '../../src/kubernetes/source/kubernetes-source.ts'
import { clusterSetDomain } from '../../src/registry/name-record.ts'
import type { Endpoint } from '../../src/registry/service.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { hostname } from '../../src/testing/mesh.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { applyDefinitions, clusterPorts } from './cluster-ports.ts'
import { Coredns } from './coredns.ts'
import { askServer } from './names/ask-server.ts'
import { compare } from './names/compare.ts'
import { importedNames, makeImports, missingNames } from './names/imports.ts'
import { OwnAgent } from './names/own-agent.ts'
import { ownNamespace } from './names/questions.ts'
import { createAll } from './names/send-objects.ts'
import { clusterTestsSkip } from './programs.ts'
import { serviceImports } from './rights/service-imports.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const translate = { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true }

const services = `apiVersion: v1
kind: Service
metadata: { name: cart }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }, { name: sql, port: 5432, targetPort: db }]
---
apiVersion: v1
kind: Service
metadata: { name: by-hand }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: cart-1, labels: { kubernetes.io/service-name: cart } }
addressType: IPv4
ports: [{ name: http, port: 8080 }, { name: sql, port: 9999 }]
endpoints: [{ addresses: [10.1.0.1] }]
`

function machine(name: string, fields: string, labels = '{ app: cart }'): string {
  return `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: ${name}
  labels: ${labels}
  annotations: { proxy.istio.io/health-checks-enabled: "true" }
spec: { ${fields} }
`
}

const healthy = JSON.stringify({
  status: { conditions: [{ type: 'Healthy', status: 'True', lastProbeTime: null }] },
})

/** Address, then the ports that the Service's lead to, and what else there is to say. */
function text({ target, ports, ...facts }: Endpoint): string {
  const address = target.kind === 'ip' ? target.address : target.kind
  const mapped = [...ports].map(([from, to]) => `${from}:${to}`)
  const { weight, locality = '-', healthy: isHealthy } = facts
  return [address, ...mapped, weight, locality, isHealthy ? 'healthy' : 'not healthy'].join(' ')
}

describe('endpoints that are no pods of the cluster', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start()
    await applyDefinitions(cluster)
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  async function follow(test: TestContext): Promise<KubernetesSource> {
    const source = await new KubernetesSource(translate, clusterPorts(cluster)).start()
    test.after(() => source.stop())
    return source
  }

  it('are machines that a Service selects, beside those of its slices', async (test) => {
    const source = await follow(test)
    const host = hostname('cart.machines.svc.cluster.local')
    const endpoints = () => (source.services().get(host)?.[0]?.endpoints ?? []).map(text)
    const become = async (...wanted: readonly string[]) => {
      await eventually(async () => endpoints().join() === wanted.join()).catch(() => {})
      assert.deepEqual(endpoints(), wanted)
    }
    await cluster.must(['create', 'namespace', 'machines'])
    await cluster.must(['create', 'namespace', 'elsewhere'])
    const apply = (written: string, namespace = 'machines') =>
      cluster.must(['apply', '-n', namespace, '-f', '-'], written)
    await apply(services)
    const pod = '10.1.0.1 80:8080 5432:9999 1 - healthy'
    await become(pod)

    const told: string[] = []
    source.follow(({ hosts }) => told.push(...hosts))
    await apply(machine('other', 'address: 192.0.2.9', '{ app: web }'))
    await apply(machine('far', 'address: 192.0.2.8'), 'elsewhere')
    await apply(machine('vm', 'address: 192.0.2.7, ports: { sql: 1, db: 5433 }, weight: 3'))
    await become(pod, '192.0.2.7 80:8080 5432:5433 3 - not healthy')
    const status = ['--subresource=status', '--type=merge', '-p', healthy]
    await cluster.must(['patch', 'workloadentry', 'vm', '-n', 'machines', ...status])
    await become(pod, '192.0.2.7 80:8080 5432:5433 3 - healthy')
    await apply(machine('vm', 'address: "2001:db8::7", ports: { http: 1 }, locality: eu/eu-1'))
    await become(pod, '2001:db8::7 80:1 1 eu/eu-1 healthy')
    await apply(machine('vm', 'address: 192.0.2.7', '{ app: none }'))
    await become(pod)
    assert.deepEqual([...new Set(told)], [host], 'hosts that nothing happened to')
    assert.deepEqual(
      source.services().get(hostname('by-hand.machines.svc.cluster.local'))?.[0]?.endpoints,
      [],
    )
  })

  it('are those of other clusters, called as CoreDNS calls them', {
    skip: networkTestsSkip(),
  }, async () => {
    await cluster.must(['apply', '-f', '-'], serviceImports)
    const kind = 'customresourcedefinition/serviceimports.multicluster.x-k8s.io'
    await cluster.must(['wait', '--for=condition=Established', '--timeout=300s', kind])
    const client = cluster.connect()
    await createAll(client, makeImports())
    await cluster.must(['create', 'namespace', ownNamespace])
    await cluster.must(['create', 'namespace', 'istio-system'])
    await using agent = await OwnAgent.start(cluster, 'cluster.local', {})
    const multicluster = clusterSetDomain
    const coredns = await Coredns.start(cluster, { multicluster, cacheSeconds: 0 })
    const sides = { domain: multicluster, there: coredns, here: agent }
    const compareAll = async () => {
      await compare(sides, importedNames(multicluster))
      assert.deepEqual(agent.forwarded(), [], 'names of imports that were asked elsewhere')
    }
    await compareAll()
    const missing = missingNames(multicluster)
    await askServer(agent, missing)
    assert.deepEqual(
      [...new Set(agent.forwarded())].toSorted(),
      missing.map((question) => `udp ${question.replace('. ', ' ')}`).toSorted(),
    )
  })
})
