import type { PlainMap } from '../../../src/documents/plain-map.ts'
import { type IpAddress, tryParseIp } from '../../../src/ip/address.ts'
import { reverseName } from '../../../src/ip/reverse-name.ts'

/** What the questions are made from: a Service as the API gives it, with its endpoints. */
export interface AskedService {
  readonly name: string
  readonly namespace: string
  readonly addresses: readonly string[]
  readonly ports: readonly { readonly name: string; readonly protocol: string }[]
  readonly ends: readonly { readonly ip: string; readonly hostname?: string }[]
}

const allTypes = ['A', 'AAAA', 'SRV', 'TXT', 'ANY', 'MX', 'HTTPS', 'CNAME']

/** More of them do not tell more. */
const someEnds = 8

/** Namespace of the pod whose stub expands names. */
export const ownNamespace = 'ns1'

export function searchList(domain: string): readonly string[] {
  return [`${ownNamespace}.svc.${domain}`, `svc.${domain}`, domain]
}

/** `NAME. TYPE` of everything that there is to be asked of one Service. */
export function* questionsOf(service: AskedService, domain: string): Generator<string> {
  const { name, namespace, addresses, ports, ends } = service
  const full = `${name}.${namespace}.svc.${domain}`
  yield* ask(full, allTypes)
  yield `${mixedCase(full)}. A`
  for (const { name: port, protocol } of ports) {
    const labels = `_${port}._${protocol.toLowerCase()}`
    if (port !== '') yield* ask(`${labels}.${full}`, ['SRV', 'A', 'AAAA', 'HTTPS'])
    if (port !== '') yield* ask(`${port}.${protocol.toLowerCase()}.${full}`, ['A', 'SRV'])
  }
  yield* ask(`_nope._tcp.${full}`, ['SRV', 'A', 'HTTPS'])
  yield* ask(`_http._udp.${full}`, ['SRV'])
  yield* ask(`_tcp.${full}`, ['A', 'SRV'])
  yield* ask(`*.${full}`, ['A'])
  yield* ask(`a.b.c.${full}`, ['A'])
  const some = ends.slice(0, someEnds)
  for (const { ip, hostname } of some) {
    const dashed = ip.replaceAll(/[.:]/g, '-').replace(/-$/, '-0')
    for (const label of new Set([dashed, hostname ?? dashed])) {
      yield* ask(`${label}.${full}`, ['A', 'AAAA', 'SRV', 'TXT', 'MX'])
    }
    yield* ask(`_http._tcp.${hostname ?? dashed}.${full}`, ['SRV'])
    yield* ask(`${dashed}.${namespace}.pod.${domain}`, ['A', 'AAAA'])
  }
  for (const address of [...addresses, ...some.map(({ ip }) => ip)]) {
    yield* ask(reverseOf(address), ['PTR', 'A'])
  }
  for (const short of [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, full]) {
    for (const ending of searchList(domain)) yield* ask(`${short}.${ending}`, ['A', 'AAAA'])
  }
  yield* ask(name, ['A'])
  yield* ask(`${name}.${namespace}`, ['A', 'AAAA'])
}

/** Of names that are no Service's. */
export function* otherQuestions(namespaces: readonly string[], domain: string): Generator<string> {
  const nodes = [domain, `svc.${domain}`, `pod.${domain}`]
  for (const namespace of [...namespaces, 'nope']) {
    nodes.push(`${namespace}.svc.${domain}`, `${namespace}.pod.${domain}`)
  }
  for (const node of nodes) yield* ask(node, [...allTypes, 'PTR'])
  yield `${domain}. SOA`
  yield* ask(`dns-version.${domain}`, ['TXT', 'A'])
  const pods = ['1-2-3-4', '1-2-3-400', '01-2-3-4', 'fd00--1', '--1', 'fd00-1', 'web', '1-2-3-4-5']
  for (const pod of [...pods, 'x.1-2-3-4', 'x.y.1-2-3-4', 'x.y.z.1-2-3-4', '--ffff-a00-1']) {
    yield* ask(`${pod}.ns1.pod.${domain}`, ['A', 'AAAA', 'SRV', 'TXT', 'ANY', 'MX'])
  }
  yield* ask(`1-2-3-4.nope.pod.${domain}`, ['A'])
  const unknown = ['foo', '*', 'any', 'foo.svc', '*.ns1.svc', 'any.any.svc', '*.*.svc', '*.any.svc']
  const deep = ['_http._tcp.nope.ns1.svc', '_tcp.ns1.svc', 'a.b.c.d.e.f.g', 'ns1', 'xn--bcher-kva']
  const long = `${'l'.repeat(63)}.${'m'.repeat(63)}.${'n'.repeat(63)}.svc`
  for (const name of [...unknown, ...deep, 'nope.ns1.svc', 'nope.nope.svc', long, 'svc.svc']) {
    yield* ask(`${name}.${domain}`, [...allTypes, 'PTR'])
  }
  for (const name of ['www.up.test', 'nothing.up.test', 'web.corp', 'localhost', 'a.b.c.d.e']) {
    for (const ending of searchList(domain)) yield* ask(`${name}.${ending}`, ['A', 'AAAA', 'HTTPS'])
    yield* ask(name, ['A', 'AAAA', 'MX'])
  }
  for (const address of ['203.0.113.1', '2001:db8::1']) yield* ask(reverseOf(address), ['PTR'])
}

/** The Services of lists of the API, with the endpoints of slices and the machines that are called as they are. */
export function servicesOf(
  services: readonly PlainMap[],
  slices: readonly PlainMap[],
  machines: readonly PlainMap[],
): readonly AskedService[] {
  const ends = Map.groupBy(slices as readonly SliceObject[], ({ metadata }) =>
    [metadata.namespace, metadata.labels?.['kubernetes.io/service-name']].join('/'),
  )
  const outside = new Map(
    (machines as readonly MachineObject[]).map(({ metadata, spec }) => [
      `${metadata.namespace}/${metadata.name}`,
      spec.address,
    ]),
  )
  return (services as unknown as readonly ServiceObject[]).map(({ metadata, spec }) => {
    const key = `${metadata.namespace}/${metadata.name}`
    const machine = outside.get(key)
    const inside = (ends.get(key) ?? []).flatMap(({ endpoints }) => endpoints ?? [])
    return {
      name: metadata.name,
      namespace: metadata.namespace,
      addresses: (spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== ''),
      ports: (spec.ports ?? []).map(({ name = '', protocol }) => ({ name, protocol })),
      ends: [
        ...(machine === undefined ? [] : [{ ip: machine }]),
        ...inside.map(({ addresses, hostname }) => ({
          ip: addresses[0] ?? '',
          ...(hostname === undefined ? {} : { hostname }),
        })),
      ],
    }
  })
}

type MachineObject = PlainMap & {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: { readonly address: string }
}

interface ServiceObject {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly clusterIPs?: readonly string[]
    readonly ports?: readonly { readonly name?: string; readonly protocol: string }[]
  }
}

type SliceObject = PlainMap & {
  readonly metadata: {
    readonly namespace: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly endpoints?: readonly {
    readonly addresses: readonly string[]
    readonly hostname?: string
  }[]
}

function* ask(name: string, types: readonly string[]): Generator<string> {
  // A name that is too long cannot be sent at all.
  if (name.length > 253) return
  for (const type of types) yield `${name}. ${type}`
}

function mixedCase(name: string): string {
  return name.replaceAll(/[a-z]/g, (letter, at: number) =>
    at % 2 === 0 ? letter.toUpperCase() : letter,
  )
}

function reverseOf(text: string): string {
  const address: IpAddress | undefined = tryParseIp(text)
  return address === undefined ? 'no-address.test' : reverseName(address)
}
