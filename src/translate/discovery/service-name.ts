import type { Exported } from '../../registry/visibility.ts'

/** What workload discovery calls a service: `NAMESPACE/HOSTNAME`. */
export function serviceName({ namespace, host }: Pick<Exported, 'namespace' | 'host'>): string {
  return `${namespace}/${host}`
}
