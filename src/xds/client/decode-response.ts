import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { FieldReader, plain, sized } from '../../rpc/field-reader.ts'

/** A delta response, as far as it is read. */
export interface DeltaResponse {
  readonly typeUrl: string
  readonly nonce: string
  /** How the server calls itself; missing when it did not say. */
  readonly server?: string
  readonly resources: readonly Resource[]
  readonly removedResources: readonly string[]
  /** More follows before all is said that there was when it was asked for. */
  readonly moreToCome: boolean
  /** All of it, as it came. */
  readonly octets: Uint8Array
}

export interface Resource {
  readonly name: string
  readonly version: string
  readonly content?: { readonly typeUrl: string; readonly value: Uint8Array }
  /** All of it, as it came. */
  readonly octets: Uint8Array
}

/**
 * What an encoded `envoy.service.discovery.v3.DeltaDiscoveryResponse` says.
 * @throws {RangeError} when it is no message.
 */
export function decodeResponse(octets: Uint8Array): DeltaResponse {
  const reader = new FieldReader(octets)
  const resources: Resource[] = []
  const removedResources: string[] = []
  let typeUrl = ''
  let nonce = ''
  let server: string | undefined
  let moreToCome = false
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(2)) resources.push(decodeResource(reader.octets()))
    else if (tag === sized(4)) typeUrl = reader.text()
    else if (tag === sized(5)) nonce = reader.text()
    else if (tag === sized(6)) removedResources.push(reader.text())
    else if (tag === sized(7)) server = reader.message(readIdentifier)
    else if (tag === plain(10_601)) moreToCome = reader.bool()
    else reader.skip(tag)
  }
  const said = { typeUrl, nonce, resources, removedResources, moreToCome, octets }
  return server === undefined ? said : { ...said, server }
}

/** What a response would be that only removes. */
export function responseOfRemoved(removedResources: readonly string[]): DeltaResponse {
  const writer = new BinaryWriter()
  for (const name of removedResources) writer.uint32(sized(6)).string(name)
  const octets = writer.finish()
  return { typeUrl: '', nonce: '', resources: [], removedResources, moreToCome: false, octets }
}

/** How many names a response takes up in a file. */
export function entriesOf({ resources, removedResources }: DeltaResponse): number {
  return resources.length + removedResources.length
}

/** An `envoy.service.discovery.v3.Resource`. */
function decodeResource(octets: Uint8Array): Resource {
  const reader = new FieldReader(octets)
  let name = ''
  let version = ''
  let content: Resource['content']
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) version = reader.text()
    else if (tag === sized(2)) content = reader.message(readAny)
    else if (tag === sized(3)) name = reader.text()
    else reader.skip(tag)
  }
  return content ? { name, version, content, octets } : { name, version, octets }
}

/** A `google.protobuf.Any`. */
function readAny(reader: FieldReader): { typeUrl: string; value: Uint8Array } {
  let typeUrl = ''
  let value: Uint8Array = noOctets
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) typeUrl = reader.text()
    else if (tag === sized(2)) value = reader.octets()
    else reader.skip(tag)
  }
  return { typeUrl, value }
}

/** Of an `envoy.config.core.v3.ControlPlane`. */
function readIdentifier(reader: FieldReader): string {
  let identifier = ''
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) identifier = reader.text()
    else reader.skip(tag)
  }
  return identifier
}

const noOctets = new Uint8Array()
