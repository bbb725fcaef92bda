import { connect as connectHttp2 } from 'node:http2'
import { request as requestHttps } from 'node:https'
import { type AdmissionServer, startAdmissionServer } from '../admission/admission-server.ts'
import type { ReviewHandlers } from '../admission/answer-review.ts'
import { AdmissionOptions } from '../admission/options.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { ServerCertificate } from '../identity/server-certificate.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { startIdentityRig } from './identity-rig.ts'

export interface WebhookAnswer {
  readonly status: number
  readonly body: string
}

export interface WebhookQuestion {
  readonly method?: string
  readonly path: string
  readonly body?: string | Uint8Array
}

/** Webhooks on loopback, with a certificate of a CA. */
export interface WebhookRig {
  readonly where: SocketAddress
  readonly server: AdmissionServer
  readonly meters: Meters
  readonly certificate: ServerCertificate
  readonly roots: string
}

export const webhookName = 'istiod.istio-system.svc'

export async function startWebhooks(
  test: Parameters<typeof startIdentityRig>[0],
  handlers: ReviewHandlers,
  { clock = systemClock, ...given }: Partial<AdmissionOptions> & { readonly clock?: Clock } = {},
): Promise<WebhookRig> {
  const { ca, ports } = await startIdentityRig(test, systemClock.wall())
  const certificate = await ServerCertificate.start({
    ca,
    names: [webhookName, '127.0.0.1'],
    lifetimeSeconds: 3_600,
    ports,
    random: () => 0,
  })
  test.after(() => certificate.stop())
  const options = AdmissionOptions.parse({ addresses: ['127.0.0.1:0'], ...given })
  const meters = new Meters()
  const server = await startAdmissionServer(options, handlers, {
    clock,
    log: silentLog,
    meters,
    tls: certificate,
  })
  test.after(() => server.stop())
  const [where] = server.addresses()
  if (!where) throw new TypeError('nothing is served')
  return { where, server, meters, certificate, roots: ca.roots() }
}

/** Asks over HTTP/1.1. */
export function askHttp1(
  { where, roots }: WebhookRig,
  { method = 'POST', path, body = '' }: WebhookQuestion,
): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    const { address: host, port } = where
    const tls = { ca: roots, servername: webhookName, agent: false }
    const request = requestHttps({ host, port, method, path, ...tls }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Asks over HTTP/2, as an API server does. */
export function askHttp2(
  { where, roots }: WebhookRig,
  { method = 'POST', path, body = '' }: WebhookQuestion,
): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${where.address}:${where.port}`, {
      ca: roots,
      servername: webhookName,
    })
    session.on('error', reject)
    const stream = session.request({ ':method': method, ':path': path })
    let status = 0
    let text = ''
    stream.on('response', (headers) => {
      status = Number(headers[':status'])
    })
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      session.close()
      resolve({ status, body: text })
    })
    if (method !== 'GET') stream.end(body)
  })
}
