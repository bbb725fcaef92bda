import type { Service } from './service.ts'

/** Whether `exportTo` lets a namespace see the service: `*` all, `.` its own, `~` nobody, or names. */
export function isVisible(service: Service, namespace: string): boolean {
  return service.exportTo.some((entry) => {
    if (entry === '*') return true
    if (entry === '.') return service.namespace === namespace
    return entry === namespace
  })
}
