import { create } from '@bufbuild/protobuf'
import { beginningOf } from '../../base/beginning-of.ts'
import { reasonOf } from '../../base/reason-of.ts'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import type { DeltaResponse, Resource } from './decode-response.ts'

/** How resources of one type are read. */
export interface ResourceReader<R> {
  readonly typeUrl: string
  /** @throws {Error} when the octets are not a resource of the type; its message is for the server. */
  read(name: string, octets: Uint8Array): R
}

export interface ReadResource<R> {
  readonly name: string
  readonly version: string
  readonly resource: R
}

/** What one response comes to. */
export type Received<R> = Accepted<R> | Refused

export interface Accepted<R> {
  readonly kind: 'accepted'
  readonly ack: DeltaDiscoveryRequest
  readonly put: readonly ReadResource<R>[]
  /** Names; they are to be dropped before others are put. */
  readonly drop: readonly string[]
}

export interface Refused {
  readonly kind: 'refused'
  readonly nack: DeltaDiscoveryRequest
  readonly reason: string
  /** The resources that are not as the server wants them from now on. */
  readonly names: readonly string[]
}

/** gRPC's code for «internal», which Istio's agents use as well. */
const nackCode = 13

const maxNameCharacters = 4_096

/** Takes one delta response: all of it, or none of it with the reason (xDS protocol, ACK and NACK). */
export function receive<R>(response: DeltaResponse, reader: ResourceReader<R>): Received<R> {
  try {
    const put = response.resources.map((resource) => readOne(resource, reader))
    const { typeUrl, nonce: responseNonce } = response
    const ack = create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce })
    return { kind: 'accepted', ack, put, drop: response.removedResources }
  } catch (error) {
    return refuse(response, reasonOf(error))
  }
}

/** None of the response is taken, for this reason. */
export function refuse(response: DeltaResponse, reason: string): Refused {
  const { typeUrl, nonce: responseNonce, resources } = response
  const errorDetail = { code: nackCode, message: reason }
  const nack = create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce, errorDetail })
  return {
    kind: 'refused',
    nack,
    reason,
    names: resources.map(({ name }) => beginningOf(name, maxNameCharacters)),
  }
}

function readOne<R>(resource: Resource, reader: ResourceReader<R>): ReadResource<R> {
  const { name, version, content } = resource
  const called = () => JSON.stringify(name.slice(0, 200))
  if (name.length > maxNameCharacters) throw new TypeError(`the name ${called()} is too long`)
  if (!content) throw new TypeError(`resource ${called()} has no content`)
  if (content.typeUrl !== reader.typeUrl) {
    throw new TypeError(`resource ${called()} is of type ${JSON.stringify(content.typeUrl)}`)
  }
  try {
    return { name, version, resource: reader.read(name, content.value) }
  } catch (error) {
    const reason = reasonOf(error)
    throw new TypeError(`resource ${called()}: ${reason}`, { cause: error })
  }
}
