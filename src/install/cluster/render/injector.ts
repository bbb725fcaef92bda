import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { InstallConfig } from '../../../config/install-config.ts'
import { valueAt } from '../../../config/layer.ts'
import { asMap, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterObject } from '../object.ts'
import { clusterWideMetadata } from './metadata.ts'

interface Expression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

/** One way to ask for injection: labels of a namespace and of a pod. */
interface Wish {
  readonly name: string
  readonly namespace: readonly Expression[]
  readonly pod: readonly Expression[]
}

const revision = 'istio.io/rev'
const injection = 'istio-injection'
const inject = 'sidecar.istio.io/inject'

const absent = (key: string): Expression => ({ key, operator: 'DoesNotExist' })
const within = (key: string, ...values: readonly string[]): Expression => {
  return { key, operator: 'In', values }
}
const notRefused: Expression = { key: inject, operator: 'NotIn', values: ['false'] }

/** Every pod matches one of them at most (Istio: sidecar injection, «Controlling the injection policy»). */
function wishesOf(name: string, settings: PlainMap): readonly Wish[] {
  const byRevision: readonly Wish[] = [
    {
      name: 'rev.namespace',
      namespace: [within(revision, name), absent(injection)],
      pod: [notRefused],
    },
    {
      name: 'rev.object',
      namespace: [absent(revision), absent(injection)],
      pod: [notRefused, within(revision, name)],
    },
  ]
  if (name !== 'default') return byRevision
  return [
    ...byRevision,
    { name: 'namespace', namespace: [within(injection, 'enabled')], pod: [notRefused] },
    {
      name: 'object',
      namespace: [absent(injection), absent(revision)],
      pod: [within(inject, 'true'), absent(revision)],
    },
    ...(settings['enableNamespacesByDefault'] === true
      ? [
          {
            name: 'auto',
            namespace: [absent(injection), absent(revision)],
            pod: [absent(inject), absent(revision)],
          },
        ]
      : []),
  ]
}

/** Has the API server ask us about pods that are to be injected. */
export function renderInjector(names: ClusterNames, config: InstallConfig): ClusterObject {
  const settings = asMap(valueAt(config.settings.tree, ['values', 'sidecarInjectorWebhook']))
  // Without them nothing else starts, ourselves included.
  const spared: Expression = {
    key: 'kubernetes.io/metadata.name',
    operator: 'NotIn',
    values: [...new Set(['kube-node-lease', 'kube-public', 'kube-system', names.namespace])],
  }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: clusterWideMetadata(names, names.injector),
    webhooks: wishesOf(names.revision, settings).map((wish) => ({
      name: `${wish.name}.sidecar-injector.meshdns.io`,
      ...webhookBasics(names, '/inject'),
      failurePolicy: 'Fail',
      reinvocationPolicy: settings['reinvocationPolicy'] ?? 'Never',
      namespaceSelector: { matchExpressions: [...wish.namespace, spared] },
      objectSelector: { matchExpressions: wish.pod },
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['pods'],
          scope: 'Namespaced',
        },
      ],
    })),
  }
}

/** The certificate is put in by the controller. */
export function webhookBasics({ service, namespace }: ClusterNames, path: string): PlainMap {
  return {
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: service, namespace, path, port: 443 } },
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 10,
  }
}
