import { parseIp } from '../ip/address.ts'
import { type Hostname, tryParseHostname } from '../registry/hostname.ts'
import type { Endpoint, Service, ServicePort } from '../registry/service.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { type View, viewOf } from '../registry/view.ts'
import { virtualOwner } from '../registry/virtual-addresses.ts'

const origin = {
  kind: 'ServiceEntry',
  namespace: 'default',
  name: 'entry',
  file: 'a.yaml',
  line: 1,
}

export function hostname(text: string): Hostname {
  const host = tryParseHostname(text)
  if (host === undefined) throw new TypeError(`not a host name: ${text}`)
  return host
}

export function servicePort(number: number, protocol = 'TCP'): ServicePort {
  return { number, protocol, name: `port-${number}` }
}

/** An endpoint of weight 1 at an address, a `unix://` path or a name; `ports` is service port -> own port. */
export function endpoint(
  target: string,
  ports: Readonly<Record<number, number>>,
  facts: Partial<Endpoint> = {},
): Endpoint {
  return {
    target: targetOf(target),
    otherAddresses: [],
    ports: new Map(Object.entries(ports).map(([from, to]) => [Number(from), to])),
    weight: 1,
    healthy: true,
    origin,
    ...facts,
  }
}

/** The services as namespace `default` sees them; `virtual` gives hosts of it an address. */
export function view(
  services: readonly Service[],
  virtual: Readonly<Record<string, string>> = {},
): View {
  const pairs = Object.entries(virtual).map(([host, held]) => {
    const address = parseIp(held)
    const pair = held.includes(':') ? { v6: address } : { v4: address }
    return [virtualOwner('default', hostname(host)), pair] as const
  })
  const viewer = { namespace: 'default', virtualFamilies: [4, 6] as const }
  return viewOf(servicesByHost(services), new Map(pairs), viewer)
}

function targetOf(text: string): Endpoint['target'] {
  if (text.startsWith('unix://')) return { kind: 'unix', path: text.slice('unix://'.length) }
  if (/^[\d.]+$|:/.test(text)) return { kind: 'ip', address: parseIp(text) }
  return { kind: 'name', name: hostname(text) }
}
