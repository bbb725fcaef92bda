/** Protocols of ports, by the names that Istio takes in any case. */
const protocols = [
  'TCP',
  'UDP',
  'GRPC',
  'GRPC-WEB',
  'HTTP',
  'HTTP_PROXY',
  'HTTP2',
  'HTTPS',
  'TLS',
  'MONGO',
  'REDIS',
  'MYSQL',
] as const

const http: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC-WEB'])
const tls: ReadonlySet<string> = new Set(['HTTPS', 'TLS'])
const tcp: ReadonlySet<string> = new Set(['TCP', 'HTTPS', 'TLS', 'MONGO', 'REDIS', 'MYSQL'])

export const protocolNames: readonly string[] = protocols

/** In upper case; `undefined` when there is no such protocol. */
export function tryParseProtocol(text: string): string | undefined {
  const upper = text.toUpperCase()
  return protocolNames.includes(upper) ? upper : undefined
}

/** Whether requests say which host they are for, by header or by server name (SNI). */
export function namesItsHost(protocol: string): boolean {
  return http.has(protocol) || tls.has(protocol)
}

/** Whether it is carried as a plain stream. */
export function isTcpFamily(protocol: string): boolean {
  return tcp.has(protocol)
}
