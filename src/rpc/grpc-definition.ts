import { type DescService, fromBinary, type Message, toBinary } from '@bufbuild/protobuf'
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'

/** Makes of a generated service what grpc-js serves and calls; methods have their names in lower camel case. */
export function grpcDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => {
      const { input, output, methodKind } = method
      const definition: MethodDefinition<Message, Message> = {
        path: `/${service.typeName}/${method.name}`,
        requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
        responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
        requestSerialize: (message) => asBuffer(toBinary(input, message)),
        requestDeserialize: (octets) => fromBinary(input, octets),
        responseSerialize: (message) => asBuffer(toBinary(output, message)),
        responseDeserialize: (octets) => fromBinary(output, octets),
      }
      return [method.localName, definition]
    }),
  )
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
