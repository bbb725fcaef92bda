import type { RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { http } from '../../base/http.ts'
import type { ProbeMethod } from '../../config/readiness-probe.ts'

/**
 * Asks by HTTP; rejects with the reason unless the answer is good. A redirection is a good answer, and
 * is not followed; the certificate is not checked (Istio and Kubernetes do neither).
 */
export function probeHttp(
  method: Extract<ProbeMethod, { kind: 'http' }>,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const request = method.scheme === 'https' ? httpsRequest : http.request
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host: method.host || 'localhost',
    port: method.port,
    path: encodeURI(decodeSafely(method.path)),
    headers: headersOf(method),
    agent: false,
    signal,
    rejectUnauthorized: false,
  }
  const asked = request(options, (response) => {
    const { statusCode = 0 } = response
    response.destroy()
    if (statusCode >= 200 && statusCode < 400) resolve()
    else reject(new Error(`HTTP status ${statusCode}`))
  })
  asked.on('error', reject)
  asked.end()
  return promise
}

function headersOf({ headers }: Extract<ProbeMethod, { kind: 'http' }>): Record<string, string> {
  const own = Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value]))
  return { 'user-agent': 'meshdns-probe', connection: 'close', ...own }
}

/** So that what is escaped already is not escaped twice. */
function decodeSafely(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`
  try {
    return decodeURI(rooted)
  } catch {
    return rooted
  }
}
