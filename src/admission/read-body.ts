import type { Http2ServerRequest } from 'node:http2'
import type { Clock } from '../base/clock.ts'
import type { AdmissionOptions } from './options.ts'

/** Octets of requests that are being read or answered, all together. */
export class HeldOctets {
  static readonly limit = 64 * 1024 * 1024
  held = 0
}

export type BodyRead =
  | { readonly kind: 'body'; readonly octets: Uint8Array }
  | { readonly kind: 'fault'; readonly status: 400 | 408 | 413 | 429; readonly message: string }

export interface BodyPorts {
  readonly clock: Clock
  readonly octets: HeldOctets
}

/**
 * Reads a request whole, as far as its size, the time that it takes and all others allow.
 *
 * What it holds counts until the request is closed.
 */
export function readBody(
  request: Http2ServerRequest,
  { maxBodyOctets, requestTimeoutMs }: AdmissionOptions,
  { clock, octets }: BodyPorts,
): Promise<BodyRead> {
  const { promise, resolve } = Promise.withResolvers<BodyRead>()
  const tooLarge = `the request is larger than ${maxBodyOctets} octets`
  if (Number(request.headers['content-length']) > maxBodyOctets) {
    // A stream that is paused before it was read would never end.
    resolve({ kind: 'fault', status: 413, message: tooLarge })
    return promise
  }
  const fail = (status: (BodyRead & { kind: 'fault' })['status'], message: string) => {
    request.pause()
    resolve({ kind: 'fault', status, message })
  }
  const cancel = clock.after(requestTimeoutMs, () =>
    fail(408, `the request did not come in within ${requestTimeoutMs} ms`),
  )
  const chunks: Uint8Array[] = []
  let size = 0
  request.on('data', (chunk: Uint8Array) => {
    size += chunk.length
    octets.held += chunk.length
    if (size > maxBodyOctets) fail(413, tooLarge)
    else if (octets.held > HeldOctets.limit) fail(429, 'too much is being asked at once')
    else chunks.push(chunk)
  })
  request.on('end', () => resolve({ kind: 'body', octets: Buffer.concat(chunks) }))
  const broken = () => fail(400, 'the request broke off')
  request.on('error', broken)
  request.on('aborted', broken)
  request.once('close', () => {
    octets.held -= size
    broken()
  })
  return promise.finally(cancel)
}
