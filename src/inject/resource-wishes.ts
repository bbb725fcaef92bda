import type { PlainMap } from '../documents/plain-map.ts'
import type { InjectorValues } from './injector-values.ts'
import { compact } from './pod-parts.ts'
import { quantityPattern } from './quantity.ts'

export interface ResourcesRead {
  readonly resources: PlainMap
  /** What makes no sense, by the name of the annotation. */
  readonly faults: readonly string[]
}

const keys = {
  'sidecar.istio.io/proxyCPU': ['requests', 'cpu'],
  'sidecar.istio.io/proxyMemory': ['requests', 'memory'],
  'sidecar.istio.io/proxyCPULimit': ['limits', 'cpu'],
  'sidecar.istio.io/proxyMemoryLimit': ['limits', 'memory'],
} as const

/** What the containers of a pod get when nobody says anything. */
const defaults = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '2', memory: '1Gi' },
} as const

/** What the agent gets: one annotation takes the place of all that the installation says, as in Istio. */
export function readResourceWishes(
  annotations: ReadonlyMap<string, string>,
  { global }: InjectorValues,
): ResourcesRead {
  const said = Object.entries(keys).filter(([name]) => annotations.has(name))
  const read = { resources: resourcesOf(global?.proxy?.resources), faults: [] }
  if (said.length === 0) return read
  const chosen: { requests: Record<string, string>; limits: Record<string, string> } = {
    requests: {},
    limits: {},
  }
  const faults: string[] = []
  for (const [name, [group, resource]] of said) {
    const amount = annotations.get(name) ?? ''
    if (quantityPattern.test(amount)) chosen[group][resource] = amount
    else faults.push(`annotation ${name}: ${JSON.stringify(amount)} is no quantity, such as 200m`)
  }
  return { resources: withoutEmpty(chosen), faults }
}

type Amounts = NonNullable<NonNullable<InjectorValues['global']>['proxy']>['resources']

/** What an installation says, key by key over what holds otherwise. */
export function resourcesOf(said: Amounts): PlainMap {
  const { requests, limits } = said ?? {}
  return withoutEmpty({
    requests: { ...defaults.requests, ...told(requests) },
    limits: { ...defaults.limits, ...told(limits) },
  })
}

function told(amounts: PlainMap | null | undefined): PlainMap {
  const said = Object.entries(amounts ?? {}).filter(([, amount]) => amount !== null)
  return Object.fromEntries(said.map(([name, amount]) => [name, String(amount)]))
}

function withoutEmpty(groups: Readonly<Record<string, PlainMap>>): PlainMap {
  return compact(
    Object.fromEntries(
      Object.entries(groups).map(([name, amounts]) => [
        name,
        Object.keys(amounts).length > 0 ? amounts : undefined,
      ]),
    ),
  )
}
