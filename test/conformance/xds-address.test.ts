import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { addressResource, scopeOfNamespaces } from '../../src/testing/address-resources.ts'
import {
  type EnvoyResponse,
  EnvoyStream,
  type EnvoyVariant,
  envoyNode,
} from '../../src/testing/envoy-discovery-client.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsServerRig, type XdsServerRig } from '../../src/testing/xds-server-rig.ts'

const typeUrl = 'type.googleapis.com/istio.workload.Address'
const uid = 'Kubernetes/networking.istio.io/WorkloadEntry/ns1/vm1'

const service = addressResource('ns1/a.test', { aliases: ['net/240.240.0.1'] })
const workload = addressResource(uid, { namespace: 'ns1', aliases: ['net/10.0.0.7'] })
const hidden = addressResource('hidden/b.test')

interface Ztunnel {
  readonly rig: XdsServerRig
  readonly stream: EnvoyStream
  /** The next response, acknowledged: `NAME@VERSION` of what it puts, `-NAME` of what it removes. */
  readonly hear: () => Promise<string[]>
}

async function startZtunnel(
  test: TestContext,
  first: object,
  variant: EnvoyVariant = 'DeltaAggregatedResources',
): Promise<Ztunnel> {
  const rig = await startXdsServerRig(test)
  rig.server.publish({ put: [service, workload, hidden], drop: [] })
  const stream = new EnvoyStream(rig.plaintext, variant)
  test.after(() => stream.close())
  stream.send({ node: envoyNode('ztunnel', 'zt'), type_url: typeUrl, ...first })
  const hear = async () => {
    const response = await stream.next()
    stream.send({ type_url: typeUrl, response_nonce: response.nonce })
    return saidIn(response)
  }
  return { rig, stream, hear }
}

function saidIn({ type_url, resources, removed_resources = [] }: EnvoyResponse): string[] {
  assert.equal(type_url, typeUrl)
  const put = resources.map(({ name, version, resource }) => {
    assert.equal(resource?.type_url, typeUrl)
    return `${name}@${version}`
  })
  return [...put, ...removed_resources.map((name) => `-${name}`)].toSorted()
}

describe('workload discovery for a ztunnel that wants everything', () => {
  it('sends all that it may see, with aliases', async (test) => {
    const { stream } = await startZtunnel(test, {})
    const response = await stream.next()
    assert.deepEqual(saidIn(response), [`${uid}@1`, 'ns1/a.test@1'])
    const [found] = response.resources.filter(({ name }) => name === service.name)
    assert.deepEqual(found?.aliases, service.aliases)
  })

  it('says an asterisk like nothing', async (test) => {
    const { hear } = await startZtunnel(test, { resource_names_subscribe: ['*'] })
    assert.equal((await hear()).length, 2)
  })

  it('then sends only what changed, and names what went', async (test) => {
    const { rig, hear } = await startZtunnel(test, {})
    await hear()
    rig.server.publish({ put: [addressResource('ns1/a.test', { version: '2' })], drop: [] })
    assert.deepEqual(await hear(), ['ns1/a.test@2'])
    rig.server.publish({ put: [addressResource('hidden/c.test')], drop: [] })
    rig.server.publish({ put: [addressResource('ns2/d.test')], drop: [uid, 'hidden/b.test'] })
    assert.deepEqual(await hear(), [`-${uid}`, 'ns2/d.test@1'])
  })

  it('says that there are no policies, which it waits for before it serves', async (test) => {
    const { stream, hear } = await startZtunnel(test, {})
    await hear()
    const policies = 'type.googleapis.com/istio.security.Authorization'
    stream.send({ type_url: policies })
    const { type_url, resources, nonce } = await stream.next()
    assert.deepEqual([type_url, resources], [policies, []])
    stream.send({ type_url: policies, response_nonce: nonce })
  })

  it('sends only the difference to what a client holds already', async (test) => {
    const versions = { 'ns1/a.test': '1', [uid]: '0', 'ns1/gone.test': '1' }
    const { hear } = await startZtunnel(test, { initial_resource_versions: versions })
    assert.deepEqual(await hear(), ['-ns1/gone.test', `${uid}@1`])
  })

  it('answers also when a client holds all, so that it knows', async (test) => {
    const versions = { 'ns1/a.test': '1', [uid]: '1' }
    const { hear } = await startZtunnel(test, { initial_resource_versions: versions })
    assert.deepEqual(await hear(), [])
  })

  it('sends the newest state after a receipt, not every state in between', async (test) => {
    const { rig, stream, hear } = await startZtunnel(test, {})
    const response = await stream.next()
    for (const version of ['2', '3', '4']) {
      rig.server.publish({ put: [addressResource('ns1/a.test', { version })], drop: [] })
    }
    stream.send({ type_url: typeUrl, response_nonce: response.nonce })
    assert.deepEqual(await hear(), ['ns1/a.test@4'])
    assert.equal(stream.waiting, 0)
  })

  it('does not send again what was refused until it changes', async (test) => {
    const { rig, stream, hear } = await startZtunnel(test, {})
    const { nonce } = await stream.next()
    const fault = { code: 3, message: 'no' }
    stream.send({ type_url: typeUrl, response_nonce: nonce, error_detail: fault })
    rig.server.publish({ put: [addressResource('ns2/d.test')], drop: [] })
    assert.deepEqual(await hear(), ['ns2/d.test@1'])
    await until(() => rig.server.proxies()[0]?.types[0]?.ackedVersion !== undefined)
    assert.equal(rig.server.proxies()[0]?.types[0]?.refusals, 1)
  })

  it('follows a change of what the proxy may see', async (test) => {
    const { rig, hear } = await startZtunnel(test, {})
    await hear()
    rig.set({ scope: scopeOfNamespaces('hidden') })
    rig.server.scopesChanged()
    assert.deepEqual(await hear(), [`-${uid}`, '-ns1/a.test', 'hidden/b.test@1'])
  })

  it('sends a long table page by page', async (test) => {
    const rig = await startXdsServerRig(test, { options: { pageOctets: 4_096 } })
    const names = Array.from({ length: 30 }, (_, at) => `ns1/host${at}.test`)
    const put = names.map((name) => addressResource(name, { paddingOctets: 1_000 }))
    rig.server.publish({ put, drop: [] })
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    stream.send({ node: envoyNode('ztunnel'), type_url: typeUrl })
    const heard: string[] = []
    let pages = 0
    for (; heard.length < names.length; pages += 1) {
      const response = await stream.next()
      heard.push(...response.resources.map(({ name }) => name ?? ''))
      assert.equal(stream.waiting, 0, 'the next page waits for the receipt of this one')
      stream.send({ type_url: typeUrl, response_nonce: response.nonce })
    }
    assert.deepEqual(heard.toSorted(), names.toSorted())
    assert.ok(pages > 5 && pages < 12, `${pages} pages`)
  })
})

describe('workload discovery for a ztunnel that asks on demand', () => {
  const nothing = { resource_names_subscribe: ['*'], resource_names_unsubscribe: ['*'] }
  const subscribe = (...names: readonly string[]) => ({
    type_url: typeUrl,
    resource_names_subscribe: names,
  })

  it('begins with nothing, then answers by name and by alias', async (test) => {
    const { stream, hear } = await startZtunnel(test, nothing)
    stream.send(subscribe('ns1/a.test'))
    assert.deepEqual(await hear(), ['ns1/a.test@1'])
    stream.send(subscribe('net/10.0.0.7'))
    assert.deepEqual(await hear(), [`${uid}@1`])
  })

  it('says of what is not there, or hidden, that it is removed', async (test) => {
    const { stream, hear } = await startZtunnel(test, nothing)
    stream.send(subscribe('net/10.9.9.9', 'hidden/b.test'))
    assert.deepEqual(await hear(), ['-hidden/b.test', '-net/10.9.9.9'])
  })

  it('tells when what was asked for comes, changes and goes; of nothing else', async (test) => {
    const { rig, stream, hear } = await startZtunnel(test, nothing)
    stream.send(subscribe('net/10.0.0.8'))
    assert.deepEqual(await hear(), ['-net/10.0.0.8'])
    const vm = (version: string) =>
      addressResource('Kubernetes//Pod/ns1/p', {
        namespace: 'ns1',
        version,
        aliases: ['net/10.0.0.8'],
      })
    rig.server.publish({ put: [vm('1'), addressResource('ns1/z.test')], drop: ['ns1/a.test'] })
    assert.deepEqual(await hear(), ['Kubernetes//Pod/ns1/p@1'])
    rig.server.publish({ put: [vm('2')], drop: [] })
    assert.deepEqual(await hear(), ['Kubernetes//Pod/ns1/p@2'])
    rig.server.publish({ put: [], drop: ['Kubernetes//Pod/ns1/p'] })
    assert.deepEqual(await hear(), ['-Kubernetes//Pod/ns1/p'])
  })

  it('answers again when asked again, and not after unsubscribing', async (test) => {
    const { rig, stream, hear } = await startZtunnel(test, nothing)
    stream.send(subscribe('ns1/a.test', uid))
    assert.equal((await hear()).length, 2)
    stream.send(subscribe('ns1/a.test'))
    assert.deepEqual(await hear(), ['ns1/a.test@1'])
    stream.send({ type_url: typeUrl, resource_names_unsubscribe: ['ns1/a.test'] })
    stream.send(subscribe('net/1.1.1.1'))
    assert.deepEqual(await hear(), ['-net/1.1.1.1'])
    const changed = addressResource(uid, { namespace: 'ns1', version: '2' })
    rig.server.publish({
      put: [addressResource('ns1/a.test', { version: '2' }), changed],
      drop: [],
    })
    const said = await hear()
    assert.ok(said.includes(`${uid}@2`))
    assert.ok(!said.includes('ns1/a.test@2'))
  })

  it('takes what a client holds from an earlier stream as asked for', async (test) => {
    const versions = { 'ns1/a.test': '', 'ns1/gone.test': '' }
    const { hear } = await startZtunnel(test, { ...nothing, initial_resource_versions: versions })
    assert.deepEqual(await hear(), ['-ns1/gone.test', 'ns1/a.test@1'])
  })
})

describe('workload discovery in the variant that sends everything', () => {
  const typesIn = ({ resources }: EnvoyResponse) => resources.map(({ type_url }) => type_url)

  it('sends all again when something changed', async (test) => {
    const { rig, stream } = await startZtunnel(test, {}, 'StreamAggregatedResources')
    const response = await stream.next()
    assert.deepEqual(typesIn(response), [typeUrl, typeUrl])
    const { nonce, version_info } = response
    stream.send({ type_url: typeUrl, response_nonce: nonce, version_info })
    rig.server.publish({ put: [addressResource('hidden/c.test')], drop: [] })
    rig.server.publish({ put: [addressResource('ns2/d.test')], drop: [] })
    const next = await stream.next()
    assert.deepEqual(typesIn(next), [typeUrl, typeUrl, typeUrl])
    assert.notEqual(next.version_info, version_info)
  })

  it('sends what is asked for by name', async (test) => {
    const names = { resource_names: ['net/10.0.0.7', 'ns1/missing.test'] }
    const { stream } = await startZtunnel(test, names, 'StreamAggregatedResources')
    const { resources, nonce, version_info } = await stream.next()
    assert.equal(resources.length, 1)
    const more = { resource_names: ['ns1/a.test', 'net/10.0.0.7'] }
    stream.send({ type_url: typeUrl, response_nonce: nonce, version_info, ...more })
    assert.equal((await stream.next()).resources.length, 2)
  })
})
