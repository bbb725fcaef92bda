import { z } from 'zod'
import type { Path } from '../documents/path.ts'
import type { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'

const whole = z
  .int()
  .max(2 ** 31 - 1)
  .nullish()
const port = z.int().nullish()

/** Istio: ReadinessProbe; a WorkloadGroup's `probe` and a ProxyConfig's `readinessProbe`. */
export const ReadinessProbeShape = z.strictObject({
  initialDelaySeconds: whole,
  timeoutSeconds: whole,
  periodSeconds: whole,
  successThreshold: whole,
  failureThreshold: whole,
  httpGet: z
    .strictObject({
      path: z.string().nullish(),
      port,
      host: z.string().nullish(),
      scheme: z.string().nullish(),
      httpHeaders: z
        .array(z.strictObject({ name: z.string().nullish(), value: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
  tcpSocket: z.strictObject({ host: z.string().nullish(), port }).nullish(),
  exec: z.strictObject({ command: z.array(z.string()).nullish() }).nullish(),
  grpc: z.strictObject({ port, service: z.string().nullish() }).nullish(),
})
type ReadinessProbeShape = z.infer<typeof ReadinessProbeShape>

/** How the health of the application on a machine is asked for. Immutable. */
export interface ReadinessProbe {
  readonly initialDelaySeconds: number
  readonly timeoutSeconds: number
  readonly periodSeconds: number
  readonly successThreshold: number
  readonly failureThreshold: number
  readonly method: ProbeMethod
}

export type ProbeMethod =
  | {
      readonly kind: 'http'
      readonly path: string
      readonly port: number
      /** Empty means the machine itself. */
      readonly host: string
      readonly scheme: 'http' | 'https'
      readonly headers: readonly { readonly name: string; readonly value: string }[]
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'grpc'; readonly port: number; readonly service: string }

const methods = ['httpGet', 'tcpSocket', 'exec', 'grpc'] as const
const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const

/** Checks a probe and gives it its defaults; `undefined` when the report says why it cannot be used. */
export function readReadinessProbe(
  value: unknown,
  { path, report }: { readonly path: Path; readonly report: Report },
): ReadinessProbe | undefined {
  const shape = checkShape(ReadinessProbeShape, value, { path, report })
  if (!shape) return undefined
  const fault = faultOf(shape)
  if (!fault) return probeOf(shape)
  report.error({ code: 'PROBE', ...fault, path: [...path, ...fault.path] })
  return undefined
}

/** The probe of a value that was checked before. */
export function tryProbe(value: unknown): ReadinessProbe | undefined {
  const { success, data } = ReadinessProbeShape.loose().safeParse(value)
  return success && !faultOf(data) ? probeOf(data) : undefined
}

interface Fault {
  readonly path: Path
  readonly message: string
  readonly hint?: string
}

function faultOf(shape: ReadinessProbeShape): Fault | undefined {
  for (const name of counts) {
    if ((shape[name] ?? 0) < 0) return { path: [name], message: 'must not be negative' }
  }
  const [method, second] = methods.filter((name) => shape[name])
  if (method === undefined || second !== undefined) {
    const message = second ? `${method} and ${second} are both given` : 'says not how to ask'
    return { path: [], message, hint: `Give exactly one of ${methods.join(', ')}.` }
  }
  if (method === 'exec') {
    if (shape.exec?.command?.[0]) return undefined
    return { path: ['exec', 'command'], message: 'the command is missing' }
  }
  const number = shape[method]?.port ?? 0
  if (number < 1 || number > 65_535) {
    return { path: [method, 'port'], message: 'must be a port, from 1 to 65535' }
  }
  return method === 'httpGet' ? httpFault(shape) : undefined
}

function httpFault({ httpGet }: ReadinessProbeShape): Fault | undefined {
  const scheme = httpGet?.scheme ?? ''
  if (!/^(https?)?$/i.test(scheme)) {
    return { path: ['httpGet', 'scheme'], message: 'must be HTTP or HTTPS' }
  }
  const nameless = httpGet?.httpHeaders?.findIndex(({ name }) => !name) ?? -1
  if (nameless < 0) return undefined
  return { path: ['httpGet', 'httpHeaders', nameless], message: 'a header has no name' }
}

/** Zero means the default, as in Istio's messages. */
function probeOf(shape: ReadinessProbeShape): ReadinessProbe {
  return {
    initialDelaySeconds: shape.initialDelaySeconds ?? 0,
    timeoutSeconds: shape.timeoutSeconds || 1,
    periodSeconds: shape.periodSeconds || 10,
    successThreshold: shape.successThreshold || 1,
    failureThreshold: shape.failureThreshold || 3,
    method: methodOf(shape),
  }
}

function methodOf({ httpGet, tcpSocket, exec, grpc }: ReadinessProbeShape): ProbeMethod {
  if (httpGet) {
    return {
      kind: 'http',
      path: httpGet.path || '/',
      port: httpGet.port ?? 0,
      host: httpGet.host ?? '',
      scheme: /^https$/i.test(httpGet.scheme ?? '') ? 'https' : 'http',
      headers: (httpGet.httpHeaders ?? []).map(({ name, value }) => ({
        name: name ?? '',
        value: value ?? '',
      })),
    }
  }
  if (tcpSocket) return { kind: 'tcp', host: tcpSocket.host ?? '', port: tcpSocket.port ?? 0 }
  if (grpc) return { kind: 'grpc', port: grpc.port ?? 0, service: grpc.service ?? '' }
  return { kind: 'exec', command: exec?.command ?? [] }
}

/** The probe as a message again, in the words of YAML and JSON. */
export function probeMessage({ method, ...times }: ReadinessProbe) {
  switch (method.kind) {
    case 'http': {
      const { kind: _, headers, ...rest } = method
      return {
        ...times,
        httpGet: { ...rest, httpHeaders: headers.map((header) => ({ ...header })) },
      }
    }
    case 'tcp':
      return { ...times, tcpSocket: { host: method.host, port: method.port } }
    case 'exec':
      return { ...times, exec: { command: [...method.command] } }
    case 'grpc':
      return { ...times, grpc: { port: method.port, service: method.service } }
  }
}
