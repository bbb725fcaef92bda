import type { ControllerOptions } from './options.ts'

/** Where a controller is said to be. */
export interface ControllerAddress {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

/** Where istiod takes calls without TLS. */
const plaintextPort = 15_010

/** As the options check it: HOST:PORT, where an IPv6 address stands in brackets. */
export function splitAddress(text: string): ControllerAddress {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

/** Whether a controller at this port is spoken to over TLS. */
export function usesTls({ tls }: Pick<ControllerOptions, 'tls'>, port: number): boolean {
  return tls === 'always' || (tls === 'auto' && port !== plaintextPort)
}
