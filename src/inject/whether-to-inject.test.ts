import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whetherToInject } from './whether-to-inject.ts'

interface Case {
  readonly name: string
  /** Labels of the namespace; nobody knows them when missing. */
  readonly namespace?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly revision?: string
  readonly byDefault?: true
  readonly want: boolean
}

const inject = 'sidecar.istio.io/inject'
const revision = 'istio.io/rev'
const enabled = { 'istio-injection': 'enabled' }
const disabled = { 'istio-injection': 'disabled' }

const cases: readonly Case[] = [
  { name: 'the namespace says yes', namespace: enabled, want: true },
  { name: 'the namespace says no', namespace: disabled, want: false },
  { name: 'nobody says anything', namespace: {}, want: false },
  {
    name: 'nobody says anything, and all are of the mesh',
    namespace: {},
    byDefault: true,
    want: true,
  },
  { name: 'labels of the namespace are not known', want: true },
  {
    name: 'the pod says yes, the namespace nothing',
    namespace: {},
    labels: { [inject]: 'true' },
    want: true,
  },
  {
    name: 'the pod says yes by annotation',
    namespace: {},
    annotations: { [inject]: 'true' },
    want: true,
  },
  {
    name: 'the pod says yes, the namespace no',
    namespace: disabled,
    labels: { [inject]: 'true' },
    want: false,
  },
  {
    name: 'the namespace says yes, the pod no',
    namespace: enabled,
    labels: { [inject]: 'false' },
    want: false,
  },
  {
    name: 'the label says no, the annotation yes',
    namespace: enabled,
    labels: { [inject]: 'false' },
    annotations: { [inject]: 'true' },
    want: false,
  },
  {
    name: 'the label says yes, the annotation no',
    namespace: enabled,
    labels: { [inject]: 'true' },
    annotations: { [inject]: 'false' },
    want: true,
  },
  {
    name: 'the pod says no where nobody knows the namespace',
    labels: { [inject]: 'false' },
    want: false,
  },
  {
    name: 'the namespace names the default revision',
    namespace: { [revision]: 'default' },
    want: true,
  },
  {
    name: 'the namespace names another revision',
    namespace: { [revision]: 'canary' },
    want: false,
  },
  {
    name: 'the namespace names ours',
    namespace: { [revision]: 'canary' },
    revision: 'canary',
    want: true,
  },
  {
    name: 'the pod names ours',
    namespace: {},
    labels: { [revision]: 'canary' },
    revision: 'canary',
    want: true,
  },
  {
    name: 'the namespace names ours, the pod another',
    namespace: { [revision]: 'canary' },
    labels: { [revision]: 'stable' },
    revision: 'canary',
    want: true,
  },
  {
    name: 'the namespace says yes, and that is the default revision’s',
    namespace: { ...enabled, [revision]: 'canary' },
    revision: 'canary',
    want: false,
  },
  {
    name: 'the namespace says no, and names ours',
    namespace: { ...disabled, [revision]: 'canary' },
    revision: 'canary',
    want: false,
  },
]

describe('whetherToInject', () => {
  for (const { name, want, namespace, labels = {}, annotations = {}, ...more } of cases) {
    it(`${want ? 'yes' : 'no'}: ${name}`, () => {
      const decision = whetherToInject(
        { metadata: { labels, annotations }, spec: {} },
        {
          namespace: 'shop',
          revision: more.revision ?? '',
          byDefault: more.byDefault === true,
          ...(namespace ? { namespaceLabels: new Map(Object.entries(namespace)) } : {}),
        },
      )
      assert.equal(decision.inject, want)
    })
  }

  for (const [name, spec, namespace] of [
    ['a pod with the network of its node', { hostNetwork: true }, 'shop'],
    ['a pod of Windows', { os: { name: 'windows' } }, 'shop'],
    ['a pod for nodes of Windows', { nodeSelector: { 'kubernetes.io/os': 'windows' } }, 'shop'],
    ['a pod of the cluster itself', {}, 'kube-system'],
  ] as const) {
    it(`no: ${name}, whatever else it says`, () => {
      const metadata = { labels: { [inject]: 'true' } }
      const more = { namespace, revision: '', byDefault: true }
      assert.equal(whetherToInject({ metadata, spec }, more).inject, false)
    })
  }

  it('warns of a word that it does not know', () => {
    const pod = { metadata: { labels: { [inject]: 'yes' } } }
    const decision = whetherToInject(pod, { namespace: 'shop', revision: '', byDefault: true })
    assert.ok(decision.inject)
    assert.match(decision.warnings.join(), /"yes" is neither true nor false/)
  })
})
