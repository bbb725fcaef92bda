import type { Service } from './service.ts'

/** What decides who sees a service. */
export type Exported = Pick<Service, 'namespace' | 'host' | 'exportTo'>

/** Whether `exportTo` lets a namespace see the service: `*` all, `.` its own, `~` nobody, or names. */
export function isVisible(
  service: Pick<Exported, 'namespace' | 'exportTo'>,
  namespace: string,
): boolean {
  return service.exportTo.some((entry) => {
    if (entry === '*') return true
    if (entry === '.') return service.namespace === namespace
    return entry === namespace
  })
}
