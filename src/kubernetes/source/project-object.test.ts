import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { effectiveProxyConfig } from '../../config/effective-proxy-config.ts'
import { defaultMeshConfig } from '../../config/read-mesh-config.ts'
import { formatPlaceValue, placeValue } from '../../config/setting-value.ts'
import { formatFinding } from '../../documents/finding.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import { proxySettingsOf } from '../../translate/workload/proxy-workload.ts'
import { clusterDocument } from './cluster-document.ts'
import { projectObject } from './project-object.ts'
import { sourceKinds } from './source-kinds.ts'

const annotations = {
  'proxy.istio.io/config': 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "false"\n',
}

function project(kind: string, { metadata = {}, ...rest }: PlainMap): MeshObject {
  const source = sourceKinds.find((one) => one.kind === kind)
  assert.ok(source)
  const raw = { metadata: { name: 'quiet', namespace: 'shop', ...(metadata as PlainMap) }, ...rest }
  const { object, findings } = projectObject(raw, source, true)
  assert.deepEqual(findings, [])
  assert.ok(object)
  return object
}

describe('projectObject', () => {
  it('keeps what a ProxyConfig says', () => {
    const environmentVariables = { ISTIO_META_DNS_CAPTURE: 'false' }
    const object = project('ProxyConfig', { spec: { environmentVariables } })
    assert.ok(object.kind === 'ProxyConfig')
    const workload = { namespace: 'shop', labels: new Map(), annotations: [] }
    const { config, settings } = effectiveProxyConfig(
      defaultMeshConfig,
      [object.resource],
      workload,
    )
    assert.equal(config.proxyMetadata.get('ISTIO_META_DNS_CAPTURE'), 'false')
    const setting = settings.list.find(({ path }) => path.includes('ISTIO_META_DNS_CAPTURE'))
    assert.ok(setting)
    assert.equal(formatPlaceValue(placeValue(setting.origin)), 'ProxyConfig shop/quiet')
  })

  const template = { serviceAccount: 'shop' }
  for (const [where, fields] of Object.entries({
    'a group': { metadata: { annotations }, spec: { template } },
    'the machines of a group': { spec: { metadata: { annotations }, template } },
  })) {
    it(`keeps what the annotation of ${where} says`, () => {
      const object = project('WorkloadGroup', fields)
      assert.ok(object.kind === 'WorkloadGroup')
      const { effective } = proxySettingsOf(object, defaultMeshConfig, [object])
      assert.equal(effective?.config.proxyMetadata.get('ISTIO_META_DNS_CAPTURE'), 'false')
    })
  }

  it('keeps what a slice belongs to, here and in other clusters', () => {
    const labels = {
      'kubernetes.io/service-name': 'web',
      'multicluster.kubernetes.io/service-name': 'db',
      'multicluster.kubernetes.io/source-cluster': 'east',
      app: 'web',
    }
    const slice = project('EndpointSlice', { metadata: { labels }, addressType: 'IPv4' })
    assert.ok(slice.kind === 'EndpointSlice')
    assert.equal(slice.service, 'web')
    assert.deepEqual(slice.imported, { service: 'db', cluster: 'east' })
    assert.equal(slice.meta.labels.size, 3)
  })

  it('names the annotation that makes no sense', () => {
    const object = project('WorkloadGroup', {
      spec: { metadata: { annotations: { 'proxy.istio.io/config': 'x: 1\ny: [' } }, template },
    })
    assert.ok(object.kind === 'WorkloadGroup')
    const [fault] = proxySettingsOf(object, defaultMeshConfig, [object]).findings
    assert.match(
      fault ? formatFinding(fault) : '',
      /^WorkloadGroup shop\/quiet spec\.metadata proxy\.istio\.io\/config:2:\d+: error\[YAML_SYNTAX\]/,
    )
  })

  it('keeps nothing of the words of others', () => {
    const spec = { hosts: ['a.test'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] }
    const { meta } = project('ServiceEntry', { spec: { ...spec, resolution: 'DNS' } })
    assert.equal(meta.document, clusterDocument)
  })
})
