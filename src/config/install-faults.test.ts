import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFinding } from '../documents/finding.ts'
import { readInstallConfig } from './install-config.ts'

const head = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n'
const page = `${head}spec:
  meshConfig:
    defaultConfig:
      proxyMetadata:
        # Enable basic DNS proxying
        ISTIO_META_DNS_CAPTURE: "true"
`

interface Given {
  readonly files?: readonly string[]
  readonly sets?: readonly string[]
}

function read({ files = [], sets = [] }: Given) {
  const named = files.map((text, index) => ({ file: `${index + 1}.yaml`, text }))
  return readInstallConfig({ files: named, sets })
}

interface FaultCase extends Given {
  readonly name: string
  readonly want: readonly string[]
}

const faults: readonly FaultCase[] = [
  {
    name: 'a second document',
    files: [`${page}---\n${page}`],
    want: [
      '1.yaml:10:1: error[ISTIO_OPERATOR]: this is a second document; one IstioOperator is wanted\n' +
        '  hint: Give each IstioOperator in a file of its own, with a -f for each.',
    ],
  },
  {
    name: 'another kind',
    files: ['apiVersion: v1\nkind: ConfigMap\n'],
    want: [
      '1.yaml:2:7: error[ISTIO_OPERATOR]: kind: this is not an IstioOperator, but a ConfigMap\n' +
        '  hint: Begin with apiVersion: install.istio.io/v1alpha1 and kind: IstioOperator.',
    ],
  },
  {
    name: 'no kind',
    files: ['# mesh\nmeshConfig: {}\n'],
    want: [
      '1.yaml:2:1: error[ISTIO_OPERATOR]: this is not an IstioOperator\n' +
        '  hint: Begin with apiVersion: install.istio.io/v1alpha1 and kind: IstioOperator.',
    ],
  },
  {
    name: 'another version',
    files: ['apiVersion: install.istio.io/v1\nkind: IstioOperator\n'],
    want: [
      '1.yaml:1:13: error[API_VERSION]: apiVersion: "install.istio.io/v1" is not a version of IstioOperator\n' +
        '  hint: Write apiVersion: install.istio.io/v1alpha1.',
    ],
  },
  {
    name: 'an unquoted true',
    files: [page.replace('CAPTURE: "true"', 'CAPTURE: true')],
    want: [
      '1.yaml:8:33: error[NOT_A_TEXT]: spec.meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE: must be a text, not the unquoted true\n' +
        '  hint: Put it in quotes: ISTIO_META_DNS_CAPTURE: "true"',
    ],
  },
  {
    name: 'an unquoted number, and an empty value',
    files: [`${head}spec: { meshConfig: { defaultConfig: { proxyMetadata: { A: 1, B: } } } }`],
    want: [
      '1.yaml:3:60: error[NOT_A_TEXT]: spec.meshConfig.defaultConfig.proxyMetadata.A: must be a text, not the unquoted 1\n' +
        '  hint: Put it in quotes: A: "1"',
      '1.yaml:3:63: error[NOT_A_TEXT]: spec.meshConfig.defaultConfig.proxyMetadata.B: must be a text, not nothing\n' +
        '  hint: Put it in quotes: B: ""',
    ],
  },
  {
    name: 'a profile that is misspelt',
    files: [`${head}spec:\n  profile: preveiw\n`],
    want: [
      '1.yaml:4:12: error[PROFILE]: spec.profile: there is no profile "preveiw"\n  hint: Did you mean "preview"?',
    ],
  },
  {
    name: 'a profile that is about Kubernetes, by --set',
    sets: ['profile=openshift'],
    want: [
      '--set:1:1: error[PROFILE]: spec.profile: the profile openshift is about Kubernetes, and not known here\n' +
        '  hint: The profiles are: default, minimal, empty, demo, preview, ambient.',
    ],
  },
  {
    name: 'a name that no API server would take, by --set',
    sets: ['revision=Bad_Name', 'values.global.istioNamespace=a.b', `namespace=${'a'.repeat(64)}`],
    want: [
      '--set:1:1: error[SCHEMA]: revision: must be lower-case letters, digits and "-", at most 52, with no "-" at its ends',
      '--set:2:1: error[SCHEMA]: values.global.istioNamespace: must be lower-case letters, digits and "-", at most 63, with no "-" at its ends',
      '--set:3:1: error[SCHEMA]: namespace: must be lower-case letters, digits and "-", at most 63, with no "-" at its ends',
    ],
  },
  {
    name: 'a name that no API server would take, in a file',
    files: [`${head}spec:\n  namespace: Mesh\n`],
    want: [
      '1.yaml:4:14: error[SCHEMA]: spec.namespace: must be lower-case letters, digits and "-", at most 63, with no "-" at its ends',
    ],
  },
  {
    name: 'paths that are none, by --set',
    sets: ['a.b=c', 'meshConfig.defaultConfig.proxyMetaData.A=b', 'meshConfig.rootNamespace=a'],
    want: [
      '--set:1:1: error[UNKNOWN_FIELD]: a: there is no field "a" here\n' +
        '  hint: The fields are: addonComponents, compatibilityVersion, defaultRevision, hub, installPackagePath, platform, resourceSuffix, tag, unvalidatedValues, profile, namespace, revision, meshConfig, values, components.',
      '--set:2:1: error[UNKNOWN_FIELD]: meshConfig.defaultConfig.proxyMetaData: there is no field "proxyMetaData" here\n' +
        '  hint: Did you mean "proxyMetadata"?',
    ],
  },
  {
    name: 'values of the wrong kind',
    files: [
      `${head}spec:
  namespace: 1
  meshConfig:
    rootNamespace: [a]
    outboundTrafficPolicy: { mode: ALLOW }
    defaultConfig: { concurrency: "2", drainDuration: 45, statusPort: 70000 }
  values: { pilot: { env: { X: [1] } } }
`,
    ],
    want: [
      '1.yaml:4:14: error[SCHEMA]: spec.namespace: must be a text, not 1\n  hint: Put it in quotes: "1".',
    ],
  },
  {
    name: 'values of the wrong kind further inside',
    files: [
      `${head}spec:
  meshConfig:
    outboundTrafficPolicy: { mode: ALLOW }
    defaultConfig: { concurrency: "2", drainDuration: 45, statusPort: 70000 }
  values: { pilot: { env: { X: [1] } } }
`,
    ],
    want: [
      '1.yaml:6:35: error[SCHEMA]: spec.meshConfig.defaultConfig.concurrency: must be a number, not "2"\n  hint: Remove the quotes: 2.',
      '1.yaml:6:55: error[SCHEMA]: spec.meshConfig.defaultConfig.drainDuration: must be a text, not 45\n  hint: Put it in quotes: "45".',
      '1.yaml:6:71: error[LIMIT]: spec.meshConfig.defaultConfig.statusPort: is too large: at most 65535',
      '1.yaml:5:36: error[SCHEMA]: spec.meshConfig.outboundTrafficPolicy.mode: must be one of ALLOW_ANY, REGISTRY_ONLY, not "ALLOW"',
      '1.yaml:7:29: error[SCHEMA]: spec.values.pilot.env.X: must not be a list',
    ],
  },
  {
    name: 'a duration that is none, and a probe that asks twice',
    files: [
      `${head}spec:
  meshConfig:
    defaultConfig:
      terminationDrainDuration: soon
      readinessProbe: { tcpSocket: { port: 1 }, httpGet: { port: 1 } }
`,
    ],
    want: [
      '1.yaml:6:33: error[SCHEMA]: spec.meshConfig.defaultConfig.terminationDrainDuration: "soon" is not a duration\n' +
        '  hint: Write a number with a unit, such as 45s or 1m30s.',
      '1.yaml:7:7: error[PROBE]: spec.meshConfig.defaultConfig.readinessProbe: httpGet and tcpSocket are both given\n' +
        '  hint: Give exactly one of httpGet, tcpSocket, exec, grpc.',
    ],
  },
  {
    name: 'YAML that is none',
    files: [`${head}spec: {`],
    want: [
      '1.yaml:3:8: error[YAML_SYNTAX]: Flow map in block collection must be sufficiently indented and end with a }\n' +
        '  hint: Mend the YAML or JSON here; the other documents of the file are not affected.',
    ],
  },
  {
    name: 'a --set without a value',
    sets: ['meshConfig.rootNamespace'],
    want: [
      '--set:1:25: error[SET]: meshConfig.rootNamespace: there is no "="\n  hint: Write --set PATH=VALUE.',
    ],
  },
  {
    name: 'a --set of the wrong kind',
    sets: ['profile=demo', 'meshConfig.rootNamespace=1'],
    want: [
      '--set:2:1: error[SCHEMA]: meshConfig.rootNamespace: must be a text, not 1\n  hint: Put it in quotes: "1".',
    ],
  },
  {
    name: 'a --set that leaves a gap',
    sets: ['meshConfig.trustDomainAliases[1]=x'],
    want: [
      '--set:1:1: error[SET]: meshConfig.trustDomainAliases[1]=x: this item would leave a gap in its list\n' +
        '  hint: Items are counted from 0; set the ones before it first.',
    ],
  },
]

const remarks: readonly FaultCase[] = [
  {
    name: 'fields without effect, once for all',
    files: [
      `${head}spec:
  hub: docker.io
  components: { cni: { enabled: true } }
  meshConfig: { accessLogFile: /dev/stdout, defaultConfig: { tracing: {} } }
  values: { global: { logging: {}, proxy: { cpu: 1, clusterDomain: a.b } }, cni: {}, pilot: { env: { ENABLE_MCS_HOST: true, CLUSTER_ID: a } } }
`,
    ],
    want: [
      '1.yaml:1:1: notice[UNUSED_FIELDS]: accepted, but without effect here: spec.meshConfig.accessLogFile, ' +
        'spec.meshConfig.defaultConfig.tracing, spec.values.global.logging, spec.values.global.proxy.cpu, ' +
        'spec.values.cni, spec.values.pilot.env.ENABLE_MCS_HOST, spec.components, spec.hub',
    ],
  },
  {
    name: 'fields that do not exist',
    files: [
      `${head}spec:\n  meshconfig: {}\n  meshConfig: { defaultConfig: { proxyMetaData: {} } }\n`,
    ],
    want: [
      '1.yaml:4:3: warning[UNKNOWN_FIELD]: spec.meshconfig: there is no field "meshconfig" here; it is ignored\n  hint: Did you mean "meshConfig"?',
      '1.yaml:5:34: warning[UNKNOWN_FIELD]: spec.meshConfig.defaultConfig.proxyMetaData: there is no field "proxyMetaData" here; it is ignored\n  hint: Did you mean "proxyMetadata"?',
    ],
  },
]

describe('readInstallConfig refuses', () => {
  for (const { name, want, ...given } of faults) {
    it(name, () => {
      const { config, findings } = read(given)
      assert.deepEqual(findings.map(formatFinding), want)
      assert.equal(config, undefined)
    })
  }
})

describe('readInstallConfig accepts with a remark', () => {
  for (const { name, want, ...given } of remarks) {
    it(name, () => {
      const { config, findings } = read(given)
      assert.deepEqual(findings.map(formatFinding), want)
      assert.ok(config)
    })
  }
})
