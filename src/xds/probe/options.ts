import { z } from 'zod'
import type { ProbeMethod, ReadinessProbe } from '../../config/readiness-probe.ts'

const port = z.int().min(0).max(65_535).default(0)
const seconds = z.int().max(86_400)
const times = z.int().min(1).max(1_000)

const shape = z.strictObject({
  initialDelaySeconds: seconds
    .min(0)
    .default(0)
    .describe('How long after the start the application is first asked, in seconds.'),
  timeoutSeconds: seconds
    .min(1)
    .default(1)
    .describe('How long the application may take to answer, in seconds.'),
  periodSeconds: seconds
    .min(1)
    .default(10)
    .describe('How often the application is asked, in seconds.'),
  successThreshold: times
    .default(1)
    .describe('Good answers in a row after which the application is healthy.'),
  failureThreshold: times
    .default(3)
    .describe('Failures in a row after which the application is unhealthy.'),
  httpGet: z
    .strictObject({
      port: port.describe('Port that is asked by HTTP; 0: it is not asked so.'),
      path: z.string().default('/').describe('Path of the request; 200 to 399 is healthy.'),
      host: z.string().default('').describe('Host that is asked; empty: this machine.'),
      scheme: z
        .enum(['http', 'https'])
        .default('http')
        .describe('Whether by TLS; the certificate is not checked.'),
      headers: z
        .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+:/i, 'must be NAME: VALUE'))
        .default([])
        .describe('Headers of the request, each NAME: VALUE.'),
    })
    .prefault({}),
  tcpSocket: z
    .strictObject({
      port: port.describe('Port that is connected to; 0: it is not asked so.'),
      host: z.string().default('').describe('Host that is connected to; empty: this machine.'),
    })
    .prefault({}),
  exec: z
    .strictObject({
      command: z
        .array(z.string())
        .default([])
        .describe('Command and its words; it is run without a shell, and 0 is healthy.'),
    })
    .prefault({}),
  grpc: z
    .strictObject({
      port: port.describe('Port that is asked by gRPC’s health service; 0: it is not asked so.'),
      service: z.string().default('').describe('Service that is asked for; empty: the server.'),
    })
    .prefault({}),
})

/** How the health of the application beside the agent is asked for, so that the mesh knows of it. */
export const WorkloadProbeOptions = shape.refine((options) => methodsOf(options).length <= 1, {
  error: 'only one of httpGet, tcpSocket, exec and grpc may be used',
})
export type WorkloadProbeOptions = z.infer<typeof shape>

/** The probe that the options ask for, if any. */
export function workloadProbeOf(options: WorkloadProbeOptions): ReadinessProbe | undefined {
  const [method] = methodsOf(options)
  if (!method) return undefined
  return {
    initialDelaySeconds: options.initialDelaySeconds,
    timeoutSeconds: options.timeoutSeconds,
    periodSeconds: options.periodSeconds,
    successThreshold: options.successThreshold,
    failureThreshold: options.failureThreshold,
    method,
  }
}

function methodsOf({
  httpGet,
  tcpSocket,
  exec,
  grpc,
}: Pick<WorkloadProbeOptions, 'httpGet' | 'tcpSocket' | 'exec' | 'grpc'>): ProbeMethod[] {
  const methods: ProbeMethod[] = []
  if (httpGet.port > 0) {
    const headers = httpGet.headers.map((line) => {
      const colon = line.indexOf(':')
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() }
    })
    methods.push({ kind: 'http', ...httpGet, headers })
  }
  if (tcpSocket.port > 0) methods.push({ kind: 'tcp', ...tcpSocket })
  if (exec.command.length > 0) methods.push({ kind: 'exec', ...exec })
  if (grpc.port > 0) methods.push({ kind: 'grpc', ...grpc })
  return methods
}
