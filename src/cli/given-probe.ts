import type { AgentSettings } from '../config/agent-settings.ts'
import type { ProbeMethod } from '../config/readiness-probe.ts'
import { formatPlaceValue, placeValue } from '../config/setting-value.ts'
import type { GivenOption } from './given-options.ts'

/** The probe of Istio's settings as options of ours. */
export function givenProbe({
  config: { readinessProbe },
  settings,
}: Pick<AgentSettings, 'config' | 'settings'>): readonly GivenOption[] {
  if (!readinessProbe) return []
  const origin = settings.list.find(({ path: [first] }) => first === 'readinessProbe')?.origin
  const from = () => (origin ? formatPlaceValue(placeValue(origin)) : 'readinessProbe')
  const { method, ...times } = readinessProbe
  const { key, values } = methodOptions(method)
  return [
    ...Object.entries(times).map(([name, value]) => ({ path: [name], value })),
    ...Object.entries(values).map(([name, value]) => ({ path: [key, name], value })),
  ].map(({ path, value }) => ({ path: ['readinessProbe', ...path], value, from }))
}

function methodOptions(method: ProbeMethod) {
  switch (method.kind) {
    case 'http': {
      const { kind: _, headers, ...values } = method
      const lines = headers.map(({ name, value }) => `${name}: ${value}`)
      return { key: 'httpGet', values: { ...values, headers: lines } }
    }
    case 'tcp':
      return { key: 'tcpSocket', values: { host: method.host, port: method.port } }
    case 'exec':
      return { key: 'exec', values: { command: method.command } }
    case 'grpc':
      return { key: 'grpc', values: { port: method.port, service: method.service } }
  }
}
