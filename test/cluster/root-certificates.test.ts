import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { followNamespaces } from '../../src/controller/cluster/follow-namespaces.ts'
import { RootCertificates } from '../../src/controller/cluster/roots/root-certificates.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { clusterPorts } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const map = 'configmap/istio-ca-root-cert'

function patchWords(namespace: string, text: string): readonly string[] {
  const patch = JSON.stringify({ data: { 'root-cert.pem': text } })
  return ['patch', map, '-n', namespace, '--type=merge', '-p', patch]
}

describe('root certificates in every namespace', { skip }, () => {
  let cluster: TestCluster
  let ports: ReturnType<typeof clusterPorts>
  let clock: FakeClock
  let writer: RootCertificates
  let roots = 'first'
  let hosts = ''

  before(async () => {
    cluster = await TestCluster.start({ controllers: ['namespace-controller'] })
  })
  after(() => cluster?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    roots = 'first'
    hosts = ''
    clock = new FakeClock()
    ports = { ...clusterPorts(cluster), clock }
    const namespaces = followNamespaces(ports)
    ports.scope.onStop('namespaces', () => namespaces.stop())
    await namespaces.start()
    writer = await ports.scope.start('roots', () =>
      new RootCertificates({
        ...ports,
        namespaces,
        data: () => ({ 'root-cert.pem': roots, 'hosts.place': hosts }),
      }).start(),
    )
  })
  afterEach(() => ports.scope.stop())

  async function read(namespace: string): Promise<string> {
    const query = ['-n', namespace, '-o', 'jsonpath={.data.root-cert\\.pem}']
    return (await cluster.kubectl(['get', map, ...query])).stdout
  }
  const is = (namespace: string, text: string) =>
    eventually(async () => (await read(namespace)) === text)
  const write = (namespace: string, text: string) => cluster.must(patchWords(namespace, text))
  const codes = () => ports.health.items().map(({ code }) => code)

  it('are written by the one that leads, also into namespaces to come', async () => {
    const early = await cluster.createNamespace()
    assert.equal(await read(early), '')
    writer.lead(true)
    for (const namespace of [early, 'kube-system']) await is(namespace, 'first')
    await is(await cluster.createNamespace(), 'first')
    writer.lead(false)
    roots = 'second'
    writer.refresh()
    await cluster.must(['delete', map, '-n', early])
    writer.lead(true)
    await is(early, 'second')
    assert.deepEqual(codes(), [])
  })

  it('are put right when somebody changes or deletes them', async () => {
    const namespace = await cluster.createNamespace()
    writer.lead(true)
    await is(namespace, 'first')
    await write(namespace, 'wrong')
    await is(namespace, 'first')
    await cluster.must(['delete', map, '-n', namespace])
    await is(namespace, 'first')
    for (const text of ['second', 'third', 'fourth', 'fifth']) {
      roots = text
      writer.refresh()
      await is(namespace, text)
    }
    assert.deepEqual(codes(), [])
  })

  it('have beside them where controllers are, and what others keep there', async () => {
    const namespace = await cluster.createNamespace()
    writer.lead(true)
    await is(namespace, 'first')
    const words = ['get', map, '-n', namespace, '-o', 'jsonpath={.data}']
    const become = (data: object) =>
      eventually(async () => isDeepStrictEqual(JSON.parse(await cluster.must(words)), data))
    const patch = (data: object) => {
      const options = ['--type=merge', '-p', JSON.stringify({ data })]
      return cluster.must(['patch', map, '-n', namespace, ...options])
    }
    await patch({ theirs: 'kept' })
    hosts = '10.96.0.7 istiod.place.svc'
    writer.refresh()
    const whole = { 'root-cert.pem': 'first', 'hosts.place': hosts, theirs: 'kept' }
    await become(whole)
    await patch({ 'hosts.place': null })
    await become(whole)
    assert.deepEqual(codes(), [])
  })

  it('are not written into a namespace that ends', async () => {
    const namespace = await cluster.createNamespace()
    writer.lead(true)
    await is(namespace, 'first')
    await cluster.must(['delete', 'namespace', namespace])
    assert.deepEqual(codes(), [])
  })

  it('are left to another that insists on its own', async () => {
    const namespace = await cluster.createNamespace()
    writer.lead(true)
    await is(namespace, 'first')
    for (let round = 0; round < 3; round += 1) {
      await write(namespace, 'of istiod')
      await is(namespace, 'first')
    }
    await write(namespace, 'of istiod')
    await eventually(async () => codes().includes('CONTROLLER_ROOTS_CONTESTED'))
    assert.equal(await read(namespace), 'of istiod')
    await is(await cluster.createNamespace(), 'first')
    clock.advance(600_000)
    await is(namespace, 'first')
    assert.deepEqual(codes(), [])
  })
})
