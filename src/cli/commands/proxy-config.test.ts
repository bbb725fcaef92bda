import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshdnsReading } from '../../testing/command-line.ts'

const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  meshConfig:
    defaultConfig:
      proxyMetadata:
        ISTIO_META_DNS_CAPTURE: "true"
`

const objects = `---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata:
  name: shop
  namespace: vms
  annotations:
    proxy.istio.io/config: |
      proxyMetadata:
        ISTIO_META_DNS_CAPTURE: "false"
spec:
  metadata:
    labels: { app: shop }
    annotations:
      proxy.istio.io/config: "concurrency: 3"
  template: { serviceAccount: shop }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: shop-10.0.0.1
  namespace: vms
  annotations: { istio.io/autoRegistrationGroup: shop, proxy.istio.io/config: "statusPort: 1" }
spec: { address: 10.0.0.1 }
---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: some, namespace: vms }
spec: { selector: { matchLabels: { app: shop } }, concurrency: 5 }
---
apiVersion: v1
kind: Pod
metadata: { name: shop, namespace: vms, annotations: { proxy.istio.io/config: "concurrency: x" } }
spec: {}
`

interface Case {
  readonly name: string
  /** A space apart. */
  readonly words: string
  readonly input: string
  /** Lines that are printed, one space between words; the others do not matter. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'the installation when no workload is named',
    words: '--set meshConfig.trustDomain=td',
    input: operator,
    want: [
      'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE "true" (standard input):7:33 (mesh) -',
      'meshConfig.trustDomain td --set cluster.local of built-in',
    ],
  },
  {
    name: 'a group, with both of its annotations and what selects its machines',
    words: 'shop.vms',
    input: operator + objects,
    want: [
      'concurrency 5 (standard input):36:64 (ProxyConfig vms/some) 3 of (standard input):22:44 (annotation)',
      'proxyMetadata.ISTIO_META_DNS_CAPTURE "false" (standard input):17:33 (annotation) "true" of (standard input):7:33 (mesh)',
    ],
  },
  {
    name: 'an entry by a name with dots, on top of its group',
    words: 'shop-10.0.0.1 -n vms',
    input: operator + objects,
    want: [
      'concurrency 3 (standard input):22:44 (annotation) -',
      'statusPort 1 (standard input):30:92 (annotation) 15020 of built-in',
    ],
  },
  {
    name: 'a mesh without an operator',
    words: '',
    input: 'rootNamespace: root\n',
    want: ['meshConfig.rootNamespace root (standard input):1:16 (mesh) istio-system of built-in'],
  },
]

describe('meshdns proxy-config prints', () => {
  for (const { name, words, input, want } of cases) {
    it(name, () => {
      const all = ['-f', '-', ...words.split(' ').filter(Boolean)]
      const { stdout, stderr } = meshdnsReading(input, 'proxy-config', ...all)
      assert.equal(stderr, '')
      const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
      assert.deepEqual(
        want.filter((line) => !lines.includes(line)),
        [],
        stdout,
      )
    })
  }
})

describe('meshdns proxy-config warns', () => {
  it('of a field that does not exist, and of a selector that selects nobody', () => {
    const input = `${operator.replace('proxyMetadata', 'proxyMetaData')}---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: none }
spec: { selector: {} }
`
    const { stderr, status } = meshdnsReading(input, 'proxy-config', '-f', '-')
    const lines = stderr.split('\n').filter((line) => !line.startsWith('  hint'))
    assert.deepEqual(lines, [
      '(standard input):6:7: warning[UNKNOWN_FIELD]: spec.meshConfig.defaultConfig.proxyMetaData: there is no field "proxyMetaData" here; it is ignored',
      '(standard input):12:9: warning[EMPTY_SELECTOR]: ProxyConfig default/none spec.selector: an empty selector selects nobody',
      '',
    ])
    assert.equal(status, 0)
  })
})

const faults = [
  {
    name: 'a workload that is nowhere',
    words: ['shop.vmz'],
    want: 'error[CLI_WORKLOAD_UNKNOWN]: no WorkloadGroup, WorkloadEntry or Pod is called shop.vmz; did you mean shop.vms?\nhint: Write NAME.NAMESPACE, or name the namespace with -n. A machine is named by its WorkloadGroup or WorkloadEntry.\n',
  },
  {
    name: 'a mesh that makes no sense',
    words: ['--set', 'profile=x'],
    want: 'error[CLI_USAGE]: --set:1:1: error[PROFILE]: spec.profile: there is no profile "x"\n  hint: The profiles are: default, minimal, empty, demo, preview, ambient.\n',
  },
]

describe('meshdns proxy-config refuses', () => {
  for (const { name, words, want } of faults) {
    it(name, () => {
      const { stderr, status } = meshdnsReading(
        operator + objects,
        'proxy-config',
        '-f',
        '-',
        ...words,
      )
      assert.equal(stderr, want)
      assert.notEqual(status, 0)
    })
  }

  it('an annotation that makes no sense, with its line', () => {
    const pod = objects.slice(objects.lastIndexOf('---'))
    const { stderr } = meshdnsReading(pod, 'proxy-config', '-f', '-', 'shop.vms')
    assert.match(stderr, /\(standard input\):4:93: error\[SCHEMA\]: Pod vms\/shop concurrency: /)
  })
})
