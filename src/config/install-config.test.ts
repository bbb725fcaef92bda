import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPath } from '../documents/path.ts'
import { pageOperator } from '../testing/page-operator.ts'
import { readInstallConfig } from './install-config.ts'
import { formatPlaceValue, placeValue } from './setting-value.ts'

const head = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n'

interface Given {
  readonly files?: readonly string[]
  readonly sets?: readonly string[]
}

function read({ files = [], sets = [] }: Given) {
  const named = files.map((text, index) => ({ file: `${index + 1}.yaml`, text }))
  return readInstallConfig({ files: named, sets })
}

describe('readInstallConfig', () => {
  it('reads the IstioOperator of the page', () => {
    const { config, findings } = read({ files: [pageOperator] })
    assert.deepEqual(findings, [])
    assert.deepEqual(
      [...(config?.mesh.defaultConfig.proxyMetadata ?? [])],
      [
        ['ISTIO_META_DNS_CAPTURE', 'true'],
        ['ISTIO_META_DNS_AUTO_ALLOCATE', 'true'],
      ],
    )
  })

  it('leaves capture off when nobody switched it on', () => {
    const { config } = read({})
    assert.deepEqual([...(config?.mesh.defaultConfig.proxyMetadata ?? ['?'])], [])
    assert.equal(config?.mesh.defaultConfig.discoveryAddress, 'istiod.istio-system.svc:15012')
    assert.equal(config.profile, 'default')
  })

  it('gives what values, namespace and revision say', () => {
    const { config, findings } = read({
      files: [
        `${head}spec:
  namespace: mesh
  revision: canary
  values:
    pilot: { env: { PILOT_ENABLE_IP_AUTOALLOCATE: false, PILOT_DEBOUNCE_MAX: 1, CLUSTER_ID: "y" } }
    global:
      meshID: m
      network: n
      multiCluster: { clusterName: c }
      proxy: { clusterDomain: k.test }
      configValidation: false
`,
      ],
    })
    assert.deepEqual(findings, [])
    assert.ok(config)
    const { mesh, settings, pilotEnv, ...rest } = config
    assert.deepEqual(rest, {
      profile: 'default',
      revision: 'canary',
      namespace: 'mesh',
      clusterDomain: 'k.test',
      clusterName: 'c',
      meshId: 'm',
      network: 'n',
      configValidation: false,
    })
    assert.deepEqual(Object.fromEntries(pilotEnv), {
      PILOT_ENABLE_IP_AUTOALLOCATE: 'false',
      PILOT_DEBOUNCE_MAX: '1',
      CLUSTER_ID: 'y',
    })
    assert.equal(mesh.rootNamespace, 'mesh')
    assert.equal(mesh.defaultConfig.discoveryAddress, 'istiod-canary.mesh.svc:15012')
    assert.ok(settings.list.length > 0)
  })

  it('gives what meshConfig says', () => {
    const { config } = read({
      files: [
        `${head}spec:
  meshConfig:
    rootNamespace: root
    trustDomain: td
    trustDomainAliases: [old]
    defaultServiceExportTo: [.]
    outboundTrafficPolicy: { mode: REGISTRY_ONLY }
    meshMTLS: { minProtocolVersion: TLSV1_3 }
    defaultConfig:
      concurrency: 2
      drainDuration: 1m
      statusPort: 15021
      holdApplicationUntilProxyStarts: true
      readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 3 }
`,
      ],
    })
    assert.ok(config)
    const { layers, settings, ...mesh } = config.mesh
    assert.equal(layers.length > 0 && settings.list.length > 0, true)
    assert.deepEqual(mesh, {
      rootNamespace: 'root',
      trustDomain: 'td',
      trustDomainAliases: ['old'],
      defaultServiceExportTo: ['.'],
      outboundTrafficPolicy: 'REGISTRY_ONLY',
      minProtocolVersion: 'TLSv1.3',
      defaultConfig: {
        proxyMetadata: new Map(),
        discoveryAddress: 'istiod.istio-system.svc:15012',
        concurrency: 2,
        readinessProbe: {
          initialDelaySeconds: 0,
          timeoutSeconds: 1,
          periodSeconds: 3,
          successThreshold: 1,
          failureThreshold: 3,
          method: { kind: 'http', path: '/', port: 8080, host: '', scheme: 'http', headers: [] },
        },
        drainDurationMs: 60_000,
        terminationDrainDurationMs: 5_000,
        statusPort: 15_021,
        holdApplicationUntilProxyStarts: true,
      },
    })
  })
})

interface OrderCase extends Given {
  readonly name: string
  readonly setting: string
  /** The effective value with its place, then those that it beat. */
  readonly want: readonly string[]
}

const capture = 'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE'
const metadata = (value: string) =>
  `${head}spec:\n  meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "${value}" } } }\n`

const order: readonly OrderCase[] = [
  {
    name: 'the profile over the base',
    sets: ['profile=preview'],
    setting: capture,
    want: ['"true" profile preview'],
  },
  {
    name: 'a file over the profile',
    files: [`${head}spec:\n  profile: preview\n`, metadata('false')],
    setting: capture,
    want: ['"false" 2.yaml:4:75 (mesh)', '"true" profile preview'],
  },
  {
    name: 'a later file over an earlier one',
    files: [metadata('a'), metadata('b')],
    setting: capture,
    want: ['"b" 2.yaml:4:75 (mesh)', '"a" 1.yaml:4:75 (mesh)'],
  },
  {
    name: '--set over every file, and the last one over the others',
    files: [metadata('a')],
    sets: [`${capture}=true`, `spec.${capture}=false`],
    setting: capture,
    want: ['"false" --set', '"true" --set', '"a" 1.yaml:4:75 (mesh)'],
  },
  {
    name: 'an item of a list in place of the one in a file',
    files: [`${head}spec: { meshConfig: { trustDomainAliases: [a, b] } }`],
    sets: ['meshConfig.trustDomainAliases[1]=c'],
    setting: 'meshConfig.trustDomainAliases',
    want: ['["a","c"] --set', '["a","b"] 1.yaml:3:23 (mesh)'],
  },
  {
    name: 'a namespace over the built-in root namespace',
    files: [`${head}spec:\n  values: { global: { istioNamespace: mesh } }\n`],
    setting: 'meshConfig.rootNamespace',
    want: ['"mesh" built-in'],
  },
]

describe('the order of an installation takes', () => {
  for (const { name, setting, want, ...given } of order) {
    it(name, () => {
      const { config, findings } = read(given)
      assert.deepEqual(findings, [])
      const found = config?.settings.list.find(({ path }) => formatPath(path) === setting)
      assert.ok(found)
      const all = [found, ...found.beat]
      const lines = all.map(
        ({ value, origin }) => `${JSON.stringify(value)} ${formatPlaceValue(placeValue(origin))}`,
      )
      assert.deepEqual(lines, want)
    })
  }
})
