import type { V1Pod } from '@kubernetes/client-node'

/**
 * A field of a pod as containers get it (Kubernetes: «Downward API»).
 * @throws when it is not one of those.
 */
export function readField(pod: V1Pod, path: string): string {
  const { metadata, spec, status } = pod
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? []
  if (map !== undefined && key !== undefined) {
    return metadata?.[map === 'labels' ? 'labels' : 'annotations']?.[key] ?? ''
  }
  switch (path) {
    case 'metadata.name':
      return metadata?.name ?? ''
    case 'metadata.namespace':
      return metadata?.namespace ?? ''
    case 'metadata.uid':
      return metadata?.uid ?? ''
    case 'metadata.labels':
      return quoted(metadata?.labels ?? {})
    case 'metadata.annotations':
      return quoted(metadata?.annotations ?? {})
    case 'spec.nodeName':
      return spec?.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? ''
    case 'status.podIP':
      return status?.podIP ?? ''
    case 'status.podIPs':
      return (status?.podIPs ?? []).map(({ ip }) => ip).join()
    case 'status.hostIP':
      return status?.hostIP ?? ''
    case 'status.hostIPs':
      return (status?.hostIPs ?? []).map(({ ip }) => ip).join()
  }
  throw new Error(`field ${path} is not supported here`)
}

function quoted(map: Readonly<Record<string, string>>): string {
  const keys = Object.keys(map).sort()
  return keys.map((key) => `${key}=${JSON.stringify(map[key])}`).join('\n')
}
