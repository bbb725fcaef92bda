/** Types of frames (RFC 9113 §6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  continuation: 9,
} as const

const endHeaders = 4

/** One frame of HTTP/2, whatever sense it makes. */
export function frame(
  type: keyof typeof frameTypes,
  stream: number,
  { flags = 0, payload = Buffer.alloc(0) }: { flags?: number; payload?: Buffer } = {},
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(frameTypes[type], 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** With it a client begins (RFC 9113 §3.4). */
export const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame('settings', 0),
])

/** A header whose name is in HPACK's static table, and whose value is written out. */
function literal(index: readonly number[], value: string): Buffer {
  return Buffer.concat([Buffer.from([...index, value.length]), Buffer.from(value)])
}

const fields = Buffer.concat([
  Buffer.from([0x83, 0x86]), // :method POST, :scheme http
  literal(
    [0x04],
    '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  ),
  literal([0x01], 'x'), // :authority
  literal([0x0f, 0x10], 'application/grpc'), // content-type
])

/** Opens a stream of discovery, on which nothing is said. */
export function openCall(stream: number): Buffer {
  return frame('headers', stream, { flags: endHeaders, payload: fields })
}

/** Begins to open one, and leaves it at that. */
export function openCallByHalf(stream: number): Buffer {
  return frame('headers', stream, { payload: fields.subarray(0, 40) })
}
