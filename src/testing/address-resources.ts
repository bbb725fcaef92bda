import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { AddressResource } from '../translate/discovery/resource.ts'
import type { ProxyScope } from '../xds/server/ports.ts'
import { hostname } from './mesh.ts'

interface ResourceFields {
  readonly version?: string
  readonly aliases?: readonly string[]
  /** Of the only service that it tells of; that of its name by default. */
  readonly namespace?: string
  /** Of that service; everybody by default. */
  readonly exportTo?: readonly string[]
  /** Size of what stands for its content. */
  readonly paddingOctets?: number
}

/** A resource of workload discovery for tests, whose content is not of interest: `NAMESPACE/HOST`. */
export function addressResource(name: string, fields: ResourceFields = {}): AddressResource {
  const [own = '', host = ''] = name.split('/')
  const { version = '1', aliases = [], namespace = own, paddingOctets = 0 } = fields
  const { exportTo = ['*'] } = fields
  const any = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string('type.googleapis.com/istio.workload.Address')
    .tag(2, WireType.LengthDelimited)
    .bytes(new Uint8Array(paddingOctets))
    .finish()
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(version)
  writer.tag(2, WireType.LengthDelimited).bytes(any).tag(3, WireType.LengthDelimited).string(name)
  for (const alias of aliases) writer.tag(4, WireType.LengthDelimited).string(alias)
  return {
    name,
    aliases,
    version,
    octets: writer.finish(),
    services: [{ namespace, host: hostname(host || 'a.test'), exportTo }],
  }
}

/** Who sees the services of some namespaces. */
export function scopeOfNamespaces(...namespaces: readonly string[]): ProxyScope {
  const seen = new Set(namespaces)
  return { key: namespaces.toSorted().join(), sees: ({ namespace }) => seen.has(namespace) }
}

/** Who sees the services of a namespace, and all that are exported to everybody. */
export function scopeOfNamespace(namespace: string): ProxyScope {
  return {
    key: `from ${namespace}`,
    seesExported: true,
    sees: ({ exportTo, namespace: other }) => other === namespace || exportTo.includes('*'),
  }
}
