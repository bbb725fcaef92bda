import { sharedNames, tokenAudience } from '../config/cluster-object-names.ts'
import type { PlainMap } from '../documents/plain-map.ts'
import type { Named } from './pod-parts.ts'

/** By what an agent and its controller know each other; names as in Istio. */
export const identityVolumes: readonly Named[] = [
  {
    name: 'istio-token',
    projected: {
      sources: [
        {
          serviceAccountToken: {
            path: 'istio-token',
            audience: tokenAudience,
            expirationSeconds: 43_200,
          },
        },
      ],
    },
  },
  { name: 'istiod-ca-cert', configMap: { name: sharedNames.rootConfigMap } },
]

/** Where an agent finds the data of `istiod-ca-cert`. */
export const rootsFolder = '/var/run/secrets/istio'

/** What the agent reads of the pod, and where it keeps its state; names as in Istio. */
export const agentVolumes: readonly Named[] = [
  // In memory: the agent's key is in it, and no disk shall have that. It outlives the container, not the pod.
  { name: 'istio-data', emptyDir: { medium: 'Memory' } },
  {
    name: 'istio-podinfo',
    downwardAPI: {
      items: ['labels', 'annotations'].map((path) => ({
        path,
        fieldRef: { fieldPath: `metadata.${path}` },
      })),
    },
  },
  ...identityVolumes,
]

export const agentMounts: readonly PlainMap[] = [
  { name: 'istio-data', mountPath: '/var/lib/meshdns' },
  { name: 'istio-podinfo', mountPath: '/etc/istio/pod', readOnly: true },
  { name: 'istio-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
  { name: 'istiod-ca-cert', mountPath: rootsFolder, readOnly: true },
]
