import type { V1Pod } from '@kubernetes/client-node'
import { isApiFailure } from '../../../src/kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'
import type { VolumeSources } from './volumes.ts'

/** What the cluster has for a pod's volumes and environment. */
export function volumeSources(client: ClusterClient, { metadata, spec }: V1Pod): VolumeSources {
  const base = `/api/v1/namespaces/${metadata?.namespace}`
  return {
    async data(kind, name) {
      try {
        const found = (await client.call({ path: `${base}/${kind}/${name}` })) as {
          readonly data?: Readonly<Record<string, string>>
        }
        const entries = Object.entries(found.data ?? {})
        if (kind === 'configmaps') return Object.fromEntries(entries)
        return Object.fromEntries(
          entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
        )
      } catch (error) {
        if (isApiFailure(error, 404)) return undefined
        throw error
      }
    },
    async token(audience, expirationSeconds) {
      const { name, uid } = metadata ?? {}
      const answer = (await client.call({
        method: 'POST',
        path: `${base}/serviceaccounts/${spec?.serviceAccountName ?? 'default'}/token`,
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {
            ...(audience === undefined ? {} : { audiences: [audience] }),
            expirationSeconds,
            boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
          },
        },
      })) as { readonly status?: { readonly token?: string } }
      return answer.status?.token ?? ''
    },
  }
}
