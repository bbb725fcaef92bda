import { tryParseProtocol } from '../service-entry/protocol.ts'

interface PortFacts {
  readonly name?: string | null | undefined
  readonly protocol?: string | null | undefined
  readonly appProtocol?: string | null | undefined
}

/** Standard names of `appProtocol` (KEP-3726). */
const standard: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
])

/** What a Service's port speaks: said by `appProtocol`, or by the name's beginning; empty when unknown. */
export function protocolOfPort({ name, protocol, appProtocol }: PortFacts): string {
  if (protocol === 'UDP' || protocol === 'SCTP') return protocol
  const said = appProtocol?.toLowerCase() ?? ''
  const byApp = standard.get(said) ?? tryParseProtocol(said)
  if (byApp !== undefined) return byApp
  const text = name ?? ''
  if (text.startsWith('grpc-web')) return 'GRPC-WEB'
  const byName = tryParseProtocol(text.split('-')[0] ?? '')
  return byName === undefined || byName === 'UDP' ? '' : byName
}
