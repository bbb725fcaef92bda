import { tryParsePrefix } from '../ip/prefix.ts'
import type { InjectorValues } from './injector-values.ts'

/** What of a pod's own connections is caught; lists as text, with commas, as the rules' command takes them. */
export interface TrafficWishes {
  readonly includedRanges: string
  readonly excludedRanges: string
  readonly includedPorts: string
  readonly excludedPorts: string
  readonly excludedInterfaces: string
}

export interface TrafficRead {
  readonly wishes: TrafficWishes
  readonly warnings: readonly string[]
  /** What makes no sense, by the name of the annotation. */
  readonly faults: readonly string[]
}

const prefix = 'traffic.sidecar.istio.io/'

/** Istio has them, but here nothing that comes into a pod is caught. */
const withoutEffect = ['includeInboundPorts', 'excludeInboundPorts', 'kubevirtInterfaces']

/** Reads the annotations that say what is caught, over what the installation says for all pods. */
export function readTrafficWishes(
  annotations: ReadonlyMap<string, string>,
  { global }: InjectorValues,
): TrafficRead {
  const faults: string[] = []
  const { proxy } = global ?? {}
  const read = (key: string, fallback: unknown, isGood: (item: string) => boolean): string => {
    const said = annotations.get(`${prefix}${key}`)
    const items = splitList(said ?? (fallback as string | number | null | undefined))
    const bad = items.find((item) => !isGood(item))
    if (bad !== undefined) {
      const name = said === undefined ? 'values.global.proxy' : `annotation ${prefix}${key}`
      faults.push(`${name}: ${JSON.stringify(bad)} is no ${kindOf(key)}`)
    }
    return items.join(',')
  }
  const wishes = {
    includedRanges: read(
      'includeOutboundIPRanges',
      proxy?.includeIPRanges ?? '*',
      (item) => item === '*' || isRange(item),
    ),
    excludedRanges: read('excludeOutboundIPRanges', proxy?.excludeIPRanges, isRange),
    includedPorts: read('includeOutboundPorts', proxy?.includeOutboundPorts, isPort),
    excludedPorts: read('excludeOutboundPorts', proxy?.excludeOutboundPorts, isPort),
    excludedInterfaces: read('excludeInterfaces', undefined, isInterface),
  }
  const warnings = withoutEffect
    .map((key) => `${prefix}${key}`)
    .filter((name) => (annotations.get(name) ?? '') !== '')
    .map((name) => `annotation ${name} has no effect: nothing that comes into a pod is caught`)
  return { wishes, warnings, faults }
}

function splitList(text: string | number | null | undefined): readonly string[] {
  return String(text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function kindOf(key: string): string {
  if (key.endsWith('Ports')) return 'port, from 1 to 65535'
  return key.endsWith('Interfaces') ? 'name of a network interface' : 'range, ADDRESS/LENGTH'
}

function isRange(text: string): boolean {
  return tryParsePrefix(text) !== undefined
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

/** As the kernel has them (IFNAMSIZ): no space, no slash. */
function isInterface(text: string): boolean {
  return /^[\w.:@-]{1,15}$/.test(text)
}
