import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMeshConfig } from '../config/read-mesh-config.ts'
import type { PlainMap } from '../documents/plain-map.ts'
import { bareInjectionMesh } from '../testing/bare-injection-mesh.ts'
import { injectPod } from './inject-pod.ts'
import type { InjectionMesh } from './injection-mesh.ts'
import { hasNativeSidecars } from './injection-mesh.ts'
import { annotationsOf, listOf, type Pod, withParts } from './pod-parts.ts'

const on = 'defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } }'

function meshOf(text = on): InjectionMesh {
  const { mesh } = readMeshConfig(text, 'mesh.yaml')
  assert.ok(mesh)
  return bareInjectionMesh(mesh)
}

function inject(pod: Pod, mesh = meshOf()): Pod {
  const outcome = injectPod({ pod, namespace: 'shop', mesh })
  assert.ok(outcome.kind === 'injected')
  return outcome.pod
}

/** With our containers changed by somebody between two passes. */
function changed(pod: Pod, change: (container: PlainMap) => PlainMap): Pod {
  return withParts(pod, { spec: { initContainers: listOf(pod, 'initContainers').map(change) } })
}

function imagesOf(pod: Pod): unknown[] {
  return listOf(pod, 'initContainers').map(({ image }) => image)
}

const plain: Pod = { metadata: { name: 'cart' }, spec: { containers: [{ name: 'app' }] } }

describe('a second pass', () => {
  it('keeps what others have changed in our containers', () => {
    const mirrored = changed(inject(plain), (one) => ({ ...one, image: 'mirror.test/meshdns:1' }))
    assert.deepEqual(imagesOf(inject(mirrored)), ['mirror.test/meshdns:1', 'mirror.test/meshdns:1'])
  })

  it('puts our containers in anew when the pod asks for something else now', () => {
    const annotations = { 'sidecar.istio.io/proxyImage': 'own.test/agent:2' }
    const other = withParts(inject(plain), { annotations })
    assert.deepEqual(imagesOf(inject(other)), ['own.test/agent:2', 'own.test/agent:2'])
  })

  it('takes the rules away when the pod switches them off now', () => {
    const off = 'proxyMetadata: { ISTIO_META_DNS_CAPTURE: "false" }'
    const other = withParts(inject(plain), { annotations: { 'proxy.istio.io/config': off } })
    assert.deepEqual(
      listOf(inject(other), 'initContainers').map(({ name }) => name),
      ['istio-proxy'],
    )
  })

  it('puts back what others have taken out', () => {
    const bare = withParts(inject(plain), { spec: { initContainers: undefined, volumes: [] } })
    assert.deepEqual(inject(bare), inject(plain))
  })

  it('makes an agent of an old cluster a native sidecar of a new one', () => {
    const before = inject(plain, { ...meshOf(), nativeSidecars: false })
    const names = (key: 'containers' | 'initContainers') =>
      listOf(inject(before), key).map(({ name }) => name)
    assert.deepEqual(names('containers'), ['app'])
    assert.deepEqual(names('initContainers'), ['istio-init', 'istio-proxy'])
  })
})

describe('an agent that is begun in the pod', () => {
  it('has what is said there, whatever we would say', () => {
    const env = [{ name: 'TRUST_DOMAIN', value: 'own.test' }]
    const begun = { name: 'istio-proxy', image: 'auto', env, securityContext: { runAsUser: 7 } }
    const spec = { containers: [{ name: 'app' }, begun] }
    const pod = inject({ ...plain, spec })
    const agent = listOf(pod, 'initContainers').find(({ name }) => name === 'istio-proxy')
    assert.ok(agent)
    const variables = agent['env'] as readonly { readonly name: string }[]
    assert.deepEqual(
      variables.filter(({ name }) => name === 'TRUST_DOMAIN'),
      env,
    )
    const { runAsUser, runAsNonRoot } = agent['securityContext'] as PlainMap
    assert.deepEqual([runAsUser, runAsNonRoot], [7, true])
    assert.equal(agent['image'], 'meshdns/meshdns:1.0.0')
    assert.deepEqual(
      listOf(pod, 'containers').map(({ name }) => name),
      ['app'],
    )
    assert.match(annotationsOf(pod).get('proxy.istio.io/overrides') ?? '', /own\.test/)
    assert.deepEqual(inject(pod), pod)
  })
})

describe('a container istio-init of the pod', () => {
  const own = { name: 'istio-init', image: 'own/init', env: [{ name: 'A', value: '1' }] }
  const begun = { ...plain, spec: { containers: [{ name: 'app' }], initContainers: [own] } }
  const initsOf = (pod: Pod) => listOf(pod, 'initContainers').map(({ name }) => name)

  it('is laid over ours, so that there is one of the name', () => {
    const pod = inject(begun)
    assert.deepEqual(initsOf(pod), ['istio-init', 'istio-proxy'])
    assert.equal(imagesOf(pod)[0], 'own/init')
    assert.deepEqual(inject(pod), pod)
    const renewed = changed(pod, (one) => ({ ...one, image: 'mirror.test/init' }))
    assert.equal(imagesOf(inject(renewed))[0], 'mirror.test/init')
  })

  it('is nobody else where nothing is caught', () => {
    const pod = inject(begun, meshOf(''))
    assert.deepEqual(initsOf(pod), ['istio-proxy', 'istio-init'])
    assert.deepEqual(listOf(pod, 'initContainers')[1], own)
    assert.equal(annotationsOf(pod).get('proxy.istio.io/overrides'), undefined)
  })
})

describe('groups that Istio would leave alone', () => {
  const said = 'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE: "java", ISTIO_OUTBOUND_OWNER_GROUPS: "*"'
  const annotations = { 'proxy.istio.io/config': `proxyMetadata: { ${said} }` }

  it('are caught all the same, which is told', () => {
    const pod = withParts(plain, { annotations })
    const outcome = injectPod({ pod, namespace: 'shop', mesh: meshOf() })
    assert.ok(outcome.kind === 'injected')
    const about = 'proxyMetadata ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE has no effect'
    assert.deepEqual(outcome.warnings, [`${about}: connections of all groups are caught`])
  })
})

describe('hasNativeSidecars', () => {
  for (const [version, want] of [
    ['v1.28.15', false],
    ['v1.29.0', true],
    ['v1.36.3+k3s1', true],
    ['v2.0.0', true],
    ['unknown', true],
  ] as const) {
    it(`${version}: ${want}`, () => assert.equal(hasNativeSidecars(version), want))
  }
})
