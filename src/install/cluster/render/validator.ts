import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { definitions } from '../definitions/definitions.ts'
import type { ClusterObject } from '../object.ts'
import { webhookBasics } from './injector.ts'
import { clusterWideMetadata } from './metadata.ts'

/** Has the API server ask us about objects of the mesh; without us they are taken unasked. */
export function renderValidator(names: ClusterNames): ClusterObject {
  const revision = { key: 'istio.io/rev', operator: 'In', values: [names.revision] }
  // The default one looks after everything that names no revision, and after the others' as well.
  const objectSelector = names.revision === 'default' ? {} : { matchExpressions: [revision] }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: clusterWideMetadata(names, names.validator),
    webhooks: [
      {
        name: 'validation.meshdns.io',
        ...webhookBasics(names, '/validate'),
        failurePolicy: 'Ignore',
        namespaceSelector: {},
        objectSelector,
        rules: [
          {
            apiGroups: ['networking.istio.io'],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE'],
            resources: [...definitions.keys()],
            scope: 'Namespaced',
          },
        ],
      },
    ],
  }
}
