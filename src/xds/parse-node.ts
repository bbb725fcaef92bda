import { status } from '@grpc/grpc-js'
import { type IpAddress, tryParseIp, unmapIp } from '../ip/address.ts'
import type { Node } from '../rpc/gen/envoy/config/core/v3/base_pb.js'
import { RefusedCallError } from '../rpc/refused-call.ts'
import { joinLocality } from '../translate/discovery/locality.ts'
import {
  type Metadata,
  type MetadataFault,
  readFlag,
  readText,
  readTexts,
} from './node-metadata.ts'
import type { Proxy } from './proxy.ts'

/** A stream does not say properly who is at its other end. */
export class NodeError extends RefusedCallError {
  override readonly code = 'XDS_NODE'
  override readonly status = status.INVALID_ARGUMENT

  constructor(fault: string) {
    super(`the node is not understood: ${fault}`, {
      hint: 'The first request must carry a node as Istio writes it: id TYPE~IP~NAME.NAMESPACE~DOMAIN, and metadata.',
    })
  }
}

const types: ReadonlySet<string> = new Set(['sidecar', 'router', 'waypoint', 'ztunnel'])
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** Limits of what is kept for the life of a stream. */
const maxIdLength = 1_024
const maxAddresses = 32
const maxMetadataLength = 262_144
const maxLocalityLength = 2_048

/** @throws {NodeError} naming the part that is wrong. */
export function parseNode(node: Node | undefined): Proxy {
  if (!node) throw new NodeError('there is none')
  const metadata: Metadata = node.metadata ?? {}
  const { length } = JSON.stringify(metadata)
  if (length > maxMetadataLength) throw new NodeError(`the metadata has ${length} characters`)
  const { type, ip, name, namespaceOfId } = parseId(node.id)
  const namespace = readName(metadata, 'NAMESPACE', label) ?? namespaceOfId
  if (!label.test(namespace)) {
    throw new NodeError(`no namespace, neither in NAMESPACE nor in the id ${quoted(node.id)}`)
  }
  const serviceAccount = readName(metadata, 'SERVICE_ACCOUNT', subdomain)
  const clusterId = read(readText, metadata, 'CLUSTER_ID')
  const network = read(readText, metadata, 'NETWORK')
  const locality = readLocality(node)
  const nodeName = readName(metadata, 'NODE_NAME', subdomain)
  const istioVersion = read(readText, metadata, 'ISTIO_VERSION')
  const version = istioVersion ?? read(readText, metadata, 'MESHDNS_VERSION')
  const autoRegisterGroup = readName(metadata, 'AUTO_REGISTER_GROUP', subdomain)
  return {
    id: node.id,
    type,
    name,
    namespace,
    addresses: readAddresses(metadata, ip),
    labels: read(readTexts, metadata, 'LABELS') ?? new Map<string, string>(),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(clusterId ? { clusterId } : {}),
    ...(network ? { network } : {}),
    ...(locality === undefined ? {} : { locality }),
    ...(nodeName === undefined ? {} : { node: nodeName }),
    ...(version ? { version } : {}),
    ...(autoRegisterGroup === undefined ? {} : { autoRegisterGroup }),
    dnsCapture: read(readFlag, metadata, 'DNS_CAPTURE') ?? false,
    dnsAutoAllocate: read(readFlag, metadata, 'DNS_AUTO_ALLOCATE') ?? false,
    metadata,
  }
}

function readLocality({ locality }: Node): string | undefined {
  const text = locality && joinLocality({ ...locality, subzone: locality.subZone })
  if (text !== undefined && text.length > maxLocalityLength) {
    throw new NodeError(`the locality has ${text.length} characters`)
  }
  return text
}

interface NodeId {
  readonly type: Proxy['type']
  readonly ip: string
  readonly name: string
  readonly namespaceOfId: string
}

function parseId(id: string): NodeId {
  if (id.length > maxIdLength) throw new NodeError(`the id has ${id.length} characters`)
  const parts = id.split('~')
  const [type = '', ip = '', instance = ''] = parts
  if (parts.length !== 4) {
    throw new NodeError(`the id ${quoted(id)} has ${parts.length} parts between ~, not 4`)
  }
  if (!isType(type)) throw new NodeError(`the type ${quoted(type)} in the id is none that we know`)
  const dot = instance.lastIndexOf('.')
  if (dot <= 0) throw new NodeError(`${quoted(instance)} in the id is not NAME.NAMESPACE`)
  return { type, ip, name: instance.slice(0, dot), namespaceOfId: instance.slice(dot + 1) }
}

/** `INSTANCE_IPS` before the id's. */
function readAddresses(metadata: Metadata, ip: string): readonly IpAddress[] {
  const listed = read(readText, metadata, 'INSTANCE_IPS') ?? ''
  const texts = listed === '' ? [ip] : listed.split(',')
  if (texts.length > maxAddresses) throw new NodeError(`INSTANCE_IPS has ${texts.length} addresses`)
  return texts.map((text) => {
    const address = tryParseIp(text.trim())
    if (address !== undefined) return unmapIp(address)
    throw new NodeError(
      listed === ''
        ? `${quoted(ip)} in the id is not an IP address, and there are no INSTANCE_IPS`
        : `${quoted(text)} in INSTANCE_IPS is not an IP address`,
    )
  })
}

function readName(metadata: Metadata, key: string, pattern: RegExp): string | undefined {
  const text = read(readText, metadata, key)
  if (text === undefined || text === '') return undefined
  if (!pattern.test(text)) throw new NodeError(`${key} is ${quoted(text)}, which is not a name`)
  return text
}

/** One value of the metadata; what is wrong with it becomes our error. */
function read<T>(
  reader: (value: unknown) => T | MetadataFault,
  metadata: Metadata,
  key: string,
): T | undefined {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined
  if (value === undefined || value === null) return undefined
  const outcome = reader(value)
  if (isFault(outcome)) throw new NodeError(`${key} ${outcome.fault}`)
  return outcome
}

function isFault(outcome: unknown): outcome is MetadataFault {
  return typeof outcome === 'object' && outcome !== null && 'fault' in outcome
}

function isType(text: string): text is Proxy['type'] {
  return types.has(text)
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
