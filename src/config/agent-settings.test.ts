import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFinding } from '../documents/finding.ts'
import { type Environment, readAgentSettings } from './agent-settings.ts'
import { formatPlaceValue, placeValue } from './setting-value.ts'

interface Given {
  readonly mesh?: string
  readonly annotation?: string
  readonly env?: Environment
}

function read({ mesh, annotation, env = {} }: Given) {
  const line = `proxy.istio.io/config=${JSON.stringify(annotation)}`
  return readAgentSettings({
    env,
    ...(mesh === undefined ? {} : { mesh: { file: 'mesh', text: mesh } }),
    ...(annotation === undefined ? {} : { annotations: { file: 'annotations', text: line } }),
  })
}

const meta = (value: string) => `{ proxyMetadata: { ISTIO_META_DNS_CAPTURE: "${value}" } }`

interface Case extends Given {
  readonly name: string
  readonly variable: string
  /** Its value, and where the settings have it from when it is theirs. */
  readonly want: readonly [string | undefined, string?]
}

const cases: readonly Case[] = [
  {
    name: 'nothing when nobody said anything',
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: [undefined],
  },
  {
    name: 'the file of the mesh',
    mesh: `defaultConfig: ${meta('a')}`,
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: ['a', 'mesh:1:59 (mesh)'],
  },
  {
    name: 'PROXY_CONFIG over the file',
    mesh: `defaultConfig: ${meta('a')}`,
    env: { PROXY_CONFIG: meta('b') },
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: ['b', 'PROXY_CONFIG:1:44 (environment)'],
  },
  {
    name: 'the annotation over PROXY_CONFIG',
    env: { PROXY_CONFIG: meta('b') },
    annotation: meta('c'),
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: ['c', 'annotations:1 proxy.istio.io/config:1:44 (annotation)'],
  },
  {
    name: 'a variable of the process over everything',
    annotation: meta('c'),
    env: { ISTIO_META_DNS_CAPTURE: 'd' },
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: ['d'],
  },
  {
    name: 'the settings over an empty variable',
    annotation: meta('c'),
    env: { ISTIO_META_DNS_CAPTURE: '' },
    variable: 'ISTIO_META_DNS_CAPTURE',
    want: ['c', 'annotations:1 proxy.istio.io/config:1:44 (annotation)'],
  },
  {
    name: 'no controller that nobody named',
    mesh: 'defaultConfig: {}',
    variable: 'PILOT_ADDRESS',
    want: [undefined],
  },
  {
    name: 'the controller of the mesh',
    mesh: 'defaultConfig:\n  discoveryAddress: istiod.x.svc:15012\n',
    variable: 'PILOT_ADDRESS',
    want: ['istiod.x.svc:15012', 'mesh:2:21 (mesh)'],
  },
  {
    name: 'the time to drain',
    mesh: 'defaultConfig: { terminationDrainDuration: 1500ms }',
    variable: 'TERMINATION_DRAIN_DURATION_SECONDS',
    want: ['1.5', 'mesh:1:44 (mesh)'],
  },
  {
    name: 'the namespace of cluster.env',
    env: { ISTIO_NAMESPACE: 'vms' },
    variable: 'POD_NAMESPACE',
    want: ['vms'],
  },
  {
    name: 'POD_NAMESPACE over the namespace of cluster.env',
    env: { ISTIO_NAMESPACE: 'vms', POD_NAMESPACE: 'shop' },
    variable: 'POD_NAMESPACE',
    want: ['shop'],
  },
  {
    name: 'the address of cluster.env',
    env: { ISTIO_SVC_IP: '192.0.2.1' },
    variable: 'INSTANCE_IP',
    want: ['192.0.2.1'],
  },
]

describe('readAgentSettings takes', () => {
  for (const { name, variable, want, ...given } of cases) {
    it(name, () => {
      const { settings, findings } = read(given)
      assert.deepEqual(findings, [])
      const origin = settings?.origins.get(variable)
      const place = origin && formatPlaceValue(placeValue(origin))
      assert.deepEqual([settings?.env[variable], place], [want[0], want[1]])
    })
  }

  it('the typed settings as well', () => {
    const { settings } = read({ annotation: 'concurrency: 4' })
    assert.equal(settings?.config.concurrency, 4)
  })
})

interface FaultCase extends Given {
  readonly name: string
  readonly want: RegExp
}

const faults: readonly FaultCase[] = [
  {
    name: 'an unquoted true in the file of the mesh',
    mesh: 'defaultConfig:\n  proxyMetadata: { X: true }\n',
    want: /^mesh:2:23: error\[NOT_A_TEXT\]: defaultConfig\.proxyMetadata\.X: .*\n {2}hint: Put it in quotes: X: "true"$/,
  },
  {
    name: 'a variable that is no YAML',
    env: { PROXY_CONFIG: '{' },
    want: /^PROXY_CONFIG:1:\d+: error\[YAML_SYNTAX\]: /,
  },
  {
    name: 'an annotation of the wrong kind, with its line inside',
    annotation: 'statusPort: 1\nconcurrency: many',
    want: /^annotations:1 proxy\.istio\.io\/config:2:14: error\[SCHEMA\]: concurrency: /,
  },
]

describe('readAgentSettings refuses', () => {
  for (const { name, want, ...given } of faults) {
    it(name, () => {
      const { settings, findings } = read(given)
      assert.equal(settings, undefined)
      assert.match(findings.map(formatFinding).join('\n'), want)
    })
  }
})
