import { closestWord } from '../../base/closest-word.ts'
import type { MeshConfig } from '../../config/mesh-config.ts'
import { type SettingsPage, settingValue } from '../../config/setting-value.ts'
import { formatFinding } from '../../documents/finding.ts'
import type { MeshObject } from '../mesh-object.ts'
import { findProxyObject, isProxyObject, proxySettingsOf } from './proxy-workload.ts'

/** Where workloads and their settings are looked for. */
export interface SettingsPlace {
  readonly mesh: MeshConfig
  readonly objects: readonly MeshObject[]
  /** Of workloads that are named without one. */
  readonly namespace: string
}

/** What holds for the workload NAME or NAME.NAMESPACE; or the faults that say why nobody knows. */
export function workloadSettings(
  text: string,
  { mesh, objects, namespace }: SettingsPlace,
): SettingsPage {
  const object = findProxyObject(objects, text, namespace)
  if (!object) {
    const meant = closestWord(
      text,
      objects.filter(isProxyObject).map(({ meta }) => `${meta.name}.${meta.namespace}`),
    )
    const also = meant === undefined ? '' : `; did you mean ${meant}?`
    const fault = `no WorkloadGroup, WorkloadEntry or Pod is called ${text}${also}`
    return { settings: [], faults: [fault] }
  }
  const { kind, namespace: own, name } = object.meta.origin
  const workload = { kind, namespace: own, name }
  const { effective, findings } = proxySettingsOf(object, mesh, objects)
  if (!effective) return { workload, settings: [], faults: findings.map(formatFinding) }
  return { workload, settings: effective.settings.list.map(settingValue), faults: [] }
}

/** What holds for the whole mesh, in the words of an IstioOperator. */
export function meshSettings({ settings }: MeshConfig): SettingsPage {
  const values = settings.list.map((setting) =>
    settingValue({ ...setting, path: ['meshConfig', ...setting.path] }),
  )
  return { settings: values, faults: [] }
}
