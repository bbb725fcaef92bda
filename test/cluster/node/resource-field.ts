import type { V1Container, V1Pod, V1ResourceFieldSelector } from '@kubernetes/client-node'

const units: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** What a container may use that says nothing itself. */
const node: Readonly<Record<string, string>> = {
  cpu: '2',
  memory: '4Gi',
  'ephemeral-storage': '10Gi',
}

/** A limit or request of a container in units of its divisor, rounded up. */
export function readResource(
  pod: V1Pod,
  container: V1Container,
  { containerName, resource, divisor = '1' }: V1ResourceFieldSelector,
): string {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  const meant =
    containerName === undefined ? container : all.find(({ name }) => name === containerName)
  const [kind = '', name = ''] = resource.split('.')
  const { limits = {}, requests = {} } = meant?.resources ?? {}
  const said = kind === 'limits' ? (limits[name] ?? node[name]) : (requests[name] ?? '0')
  if (said === undefined) throw new Error(`resource ${resource} is not supported here`)
  return String(Math.ceil(quantity(said) / (quantity(divisor) || 1)))
}

function quantity(text: string): number {
  const [, number, unit = ''] = /^([\d.]+)(\w*)$/.exec(text) ?? []
  const factor = units[unit]
  if (number === undefined || factor === undefined) throw new Error(`no quantity: ${text}`)
  return Number(number) * factor
}
