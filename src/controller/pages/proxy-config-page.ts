import type { SettingsPage } from '../../config/setting-value.ts'
import {
  meshSettings,
  type SettingsPlace,
  workloadSettings,
} from '../../translate/workload/workload-settings.ts'

/** What `meshdns proxy-config` reads: the settings of `?workload=NAME.NAMESPACE`, or of the mesh. */
export function proxyConfigPage(
  { mesh, objects }: Omit<SettingsPlace, 'namespace'>,
  query: URLSearchParams,
): SettingsPage {
  const workload = query.get('workload') ?? ''
  const namespace = query.get('namespace') ?? 'default'
  return workload === ''
    ? meshSettings(mesh)
    : workloadSettings(workload, { mesh, objects, namespace })
}
