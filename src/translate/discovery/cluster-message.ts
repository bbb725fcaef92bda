import { hash } from 'node:crypto'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { ClusterFacts } from '../../registry/cluster-facts.ts'
import { tryParseHostname } from '../../registry/hostname.ts'
import { ClusterSchema } from '../../rpc/gen/meshdns/v1/cluster_pb.js'
import { isNamespaceName } from '../object-meta.ts'

export interface EncodedCluster {
  readonly octets: Uint8Array
  /** The same for the same content, whoever encoded it. */
  readonly version: string
}

/** What is known of a cluster as a whole, as a resource. */
export function encodeCluster(facts: ClusterFacts): EncodedCluster {
  const namespaces = [...facts.namespaces].sort()
  const unknownServices = [...facts.unknownServices].sort()
  const octets = toBinary(
    ClusterSchema,
    create(ClusterSchema, { ...facts, namespaces, unknownServices }),
  )
  return { octets, version: versionOf(octets) }
}

/** The same, for a client of which is known where it is. */
export function withLocality(cluster: EncodedCluster, locality: string): EncodedCluster {
  // Messages one behind the other are one message (Protocol Buffers, encoding).
  const rest = toBinary(ClusterSchema, create(ClusterSchema, { locality }))
  const octets = Buffer.concat([cluster.octets, rest])
  return { octets, version: versionOf(octets) }
}

function versionOf(octets: Uint8Array): string {
  return hash('sha256', octets, 'base64url').slice(0, 22)
}

/** @throws {Error} when the octets are no such message, or names in it are none. */
export function decodeCluster(octets: Uint8Array): ClusterFacts {
  const cluster = fromBinary(ClusterSchema, octets)
  const { domain: text, namespaces, complete, unknownServices, locality } = cluster
  const domain = tryParseHostname(text)
  if (domain === undefined || domain.startsWith('*')) {
    throw new TypeError(`${JSON.stringify(text.slice(0, 100))} is not a domain`)
  }
  const bad = namespaces.find((namespace) => !isNamespaceName(namespace))
  if (bad !== undefined) {
    throw new TypeError(`${JSON.stringify(bad.slice(0, 100))} is not a namespace`)
  }
  const unknown = new Set(unknownServices)
  const facts = { domain, namespaces: new Set(namespaces), complete, unknownServices: unknown }
  return locality === '' ? facts : { ...facts, locality }
}
