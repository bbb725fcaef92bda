import type { OptionFact } from '../../agent/options-page.ts'
import { effectiveProxyConfig } from '../../config/effective-proxy-config.ts'
import { proxyAnnotation, readProxyText } from '../../config/proxy-annotation.ts'
import {
  formatPlaceValue,
  type SettingsPage,
  type SettingValue,
  settingValue,
} from '../../config/setting-value.ts'
import { formatFinding } from '../../documents/finding.ts'
import { agentVariablesOf } from '../../inject/agent-variables.ts'
import { injectPod } from '../../inject/inject-pod.ts'
import type { InjectionMesh } from '../../inject/injection-mesh.ts'
import { annotationsOf, labelsOf } from '../../inject/pod-parts.ts'
import type { FoundPod } from './find-pod.ts'

/** A variable that injection wrote into the agent's container. */
export interface InjectedVariable {
  readonly variable: string
  /** Missing where a pod that is made now would have it, and this one does not. */
  readonly value?: string
  /** For people. */
  readonly from: string
  /** What a pod that is made now would have, where that differs; `null` for nothing. */
  readonly now?: string | null
}

/** What holds for a pod of a cluster: what the mesh says now, what injection wrote when it was made, what its agent goes by. */
export interface PodConfig extends SettingsPage {
  readonly injected: readonly InjectedVariable[]
  /** Where the pod has no agent in it, and is to be served from outside. */
  readonly nodeAgent?: NodeAgent
  /** Of the pod's own agent, or of the node agent. */
  readonly agent: AgentAnswer
}

/** The node agent of a pod. */
export interface NodeAgent {
  /** `NAMESPACE/NAME` of its own pod. */
  readonly pod: string
  /** What it does with the pod, for people; missing where it does not say. */
  readonly state?: string
}

/** What the agent itself says, or why it does not. */
export type AgentAnswer =
  | { readonly options: readonly OptionFact[] }
  | { readonly unreachable: string }

/** What the mesh says of a pod now, and what injection makes of that. */
export function injectionOf(
  { namespace, name, pod }: FoundPod,
  mesh: InjectionMesh,
): Pick<PodConfig, 'workload' | 'settings' | 'injected' | 'faults'> {
  const workload = { kind: 'Pod', namespace, name }
  const text = annotationsOf(pod).get(proxyAnnotation)
  const file = `Pod ${namespace}/${name} ${proxyAnnotation}`
  const { layer, findings } =
    text === undefined ? { findings: [] } : readProxyText(text, { level: 'annotation', file })
  const faults = findings.filter(({ severity }) => severity === 'error').map(formatFinding)
  const { settings } = effectiveProxyConfig(mesh.mesh, mesh.proxyResources, {
    namespace,
    labels: labelsOf(pod),
    annotations: layer ? [layer] : [],
  })
  const values = settings.list.map(settingValue)
  const anew = injectPod({ pod, namespace, mesh })
  const now = anew.kind === 'injected' ? agentVariablesOf(anew.pod) : undefined
  return {
    workload,
    settings: values,
    faults,
    injected: variablesOf(agentVariablesOf(pod), { now, values }),
  }
}

function variablesOf(
  held: ReadonlyMap<string, string>,
  {
    now = held,
    values,
  }: {
    readonly now: ReadonlyMap<string, string> | undefined
    readonly values: readonly SettingValue[]
  },
): readonly InjectedVariable[] {
  const names = [...new Set([...held.keys(), ...now.keys()])].toSorted()
  return names.map((variable) => {
    const [value, wanted] = [held.get(variable), now.get(variable)]
    return {
      variable,
      ...(value === undefined ? {} : { value }),
      from: originOf(variable, value, values),
      ...(value === wanted ? {} : { now: wanted ?? null }),
    }
  })
}

/** Whose word a value is: of proxyMetadata, where that still says it or did before something beat it; a field of the pod; or injection's own. */
function originOf(
  variable: string,
  value: string | undefined,
  settings: readonly SettingValue[],
): string {
  const setting = settings.find((one) => one.setting === `proxyMetadata.${variable}`)
  const said = setting ? [setting, ...setting.beat] : []
  const match = said.find((one) => value === undefined || one.value === value)
  if (match) return formatPlaceValue(match.from)
  return /^\{[\w.]+\}$/.test(value ?? '') ? 'pod' : 'injection'
}
