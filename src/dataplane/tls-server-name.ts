import { OctetCursor } from './octet-cursor.ts'
import { type PeekedName, peekedName } from './peeked-name.ts'

const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
const hostNameEntry = 0

/** Of a record: a type, a version and a length. */
const recordHeaderOctets = 5
/** Of a handshake message: a type and a length. */
const handshakeHeaderOctets = 4
/** A longer ClientHello is not waited for. */
const maximumHelloOctets = 16_384
/** A ClientHello in more pieces is not put together. */
const maximumRecords = 32

/** Whether the first octet is that of a TLS handshake; no text protocol begins with it. */
export function isTls(octets: Buffer): boolean {
  return octets[0] === handshakeRecord
}

/** The server name (SNI, RFC 6066 §3) of a ClientHello, which may be spread over several records. */
export function readTlsServerName(octets: Buffer): PeekedName {
  const handshake = joinRecords(octets)
  if (!handshake) return { kind: 'none' }
  if (handshake.length < handshakeHeaderOctets) return { kind: 'more' }
  const cursor = new OctetCursor(handshake)
  if (cursor.number(1) !== clientHello) return { kind: 'none' }
  const length = cursor.number(3)
  if (length > maximumHelloOctets) return { kind: 'none' }
  if (!isWhole(handshake)) return { kind: 'more' }
  const text = findHostName(cursor.take(length))
  return text === undefined ? { kind: 'none' } : peekedName(text)
}

/**
 * The handshake octets of the records so far, as far as the first message needs them; `undefined`
 * when something else is among them, or crumbs that no client sends.
 */
function joinRecords(octets: Buffer): Buffer | undefined {
  let joined: Buffer = Buffer.alloc(0)
  for (let at = 0, records = 0; at + recordHeaderOctets <= octets.length; records += 1) {
    const length = octets.readUInt16BE(at + 3)
    // An empty record is not allowed here (RFC 8446 §5.1).
    const sound = octets[at] === handshakeRecord && octets[at + 1] === 3 && length > 0
    if (!sound || records === maximumRecords) return undefined
    const start = at + recordHeaderOctets
    const part = octets.subarray(start, start + length)
    joined = joined.length === 0 ? part : Buffer.concat([joined, part])
    // What follows, such as early data, is nobody's business here.
    if (isWhole(joined)) break
    at = start + length
  }
  return joined
}

function isWhole(message: Buffer): boolean {
  if (message.length < handshakeHeaderOctets) return false
  return message.length >= handshakeHeaderOctets + message.readUIntBE(1, 3)
}

/** RFC 8446 §4.1.2: version, random, session, cipher suites, compression, extensions. */
function findHostName(hello: Buffer): string | undefined {
  const cursor = new OctetCursor(hello)
  cursor.take(2 + 32)
  cursor.block(1)
  cursor.block(2)
  cursor.block(1)
  const extensions = new OctetCursor(cursor.block(2))
  if (cursor.overrun) return undefined
  while (!extensions.done) {
    const type = extensions.number(2)
    const body = extensions.block(2)
    if (extensions.overrun) return undefined
    if (type === serverNameExtension) return firstHostName(new OctetCursor(body).block(2))
  }
  return undefined
}

function firstHostName(list: Buffer): string | undefined {
  const names = new OctetCursor(list)
  while (!names.done) {
    const type = names.number(1)
    const name = names.block(2)
    if (names.overrun) return undefined
    if (type === hostNameEntry) return name.toString('latin1')
  }
  return undefined
}
