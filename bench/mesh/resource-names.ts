/** What a stream must keep of a resource. */
export interface Named {
  readonly name: string
  readonly version: string
}

/** A response of delta discovery, as far as a measurement needs it. */
export interface ResponseParts {
  readonly octets: number
  readonly typeUrl: string
  readonly nonce: string
  readonly put: readonly Named[]
  readonly removed: readonly string[]
  readonly moreToCome: boolean
}

/** Numbers of the fields of `DeltaDiscoveryResponse` and `Resource`. */
const responseFields = { resources: 2, typeUrl: 4, nonce: 5, removed: 6, moreToCome: 10_601 }
const resourceFields = { version: 1, name: 3 }

/**
 * Reads names and versions out of a response without looking into its resources, so that hundreds of
 * streams cost their process little.
 */
export function readResponse(octets: Buffer): ResponseParts {
  const put: Named[] = []
  const removed: string[] = []
  let [typeUrl, nonce, moreToCome] = ['', '', false]
  for (const { field, number, part } of fieldsOf(octets)) {
    if (field === responseFields.resources) put.push(readResource(part))
    else if (field === responseFields.typeUrl) typeUrl = part.toString('utf8')
    else if (field === responseFields.nonce) nonce = part.toString('utf8')
    else if (field === responseFields.removed) removed.push(part.toString('utf8'))
    else if (field === responseFields.moreToCome) moreToCome = number === 1
  }
  return { octets: octets.length, typeUrl, nonce, put, removed, moreToCome }
}

function readResource(octets: Buffer): Named {
  let [name, version] = ['', '']
  for (const { field, part } of fieldsOf(octets)) {
    if (field === resourceFields.name) name = part.toString('utf8')
    else if (field === resourceFields.version) version = part.toString('utf8')
  }
  return { name, version }
}

/** Fields of a protobuf message: varints and what has a length; nothing else occurs here. */
function* fieldsOf(octets: Buffer): Generator<{ field: number; number: number; part: Buffer }> {
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const octet = octets[at] ?? 0
      at += 1
      value += (octet & 0x7f) * shift
      if (octet < 0x80) return value
    }
  }
  while (at < octets.length) {
    const tag = varint()
    const number = varint()
    const isPart = (tag & 7) === 2
    const end = isPart ? at + number : at
    yield { field: Math.floor(tag / 8), number, part: octets.subarray(at, end) }
    at = end
  }
}
