import { FieldReader, plain, sized } from '../../rpc/field-reader.ts'
import type {
  DeclarationFields,
  DeclaredPortFields,
  DetailsFields,
  OriginFields,
  RoleFields,
} from './details-fields.ts'

/**
 * What an encoded `meshdns.v1.Details` says.
 * @throws {RangeError} when it is no message.
 */
export function decodeDetails(octets: Uint8Array): DetailsFields {
  const reader = new FieldReader(octets)
  const declarations: DeclarationFields[] = []
  const roles: RoleFields[] = []
  let unixPath = ''
  let origin: OriginFields | undefined
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) declarations.push(reader.message(readDeclaration))
    else if (tag === sized(3)) roles.push(reader.message(readRole))
    else if (tag === sized(4)) unixPath = reader.text()
    else if (tag === sized(5)) origin = reader.message(readOrigin)
    else reader.skip(tag)
  }
  return { declarations, roles, unixPath, origin }
}

function readDeclaration(reader: FieldReader): DeclarationFields {
  let origin: OriginFields | undefined
  let registry = ''
  let shortName = ''
  let allocatable = false
  let resolution = ''
  let headless = false
  let publishNotReady = false
  let externalName = ''
  let ttlSeconds: number | undefined
  let createdAtMs = 0n
  const addresses: Uint8Array[] = []
  const prefixes: string[] = []
  const ports: DeclaredPortFields[] = []
  const exportTo: string[] = []
  const routingPreference: number[] = []
  let strict = false
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) origin = reader.message(readOrigin)
    else if (tag === sized(2)) registry = reader.text()
    else if (tag === sized(3)) shortName = reader.text()
    else if (tag === sized(4)) addresses.push(reader.octets())
    else if (tag === sized(5)) prefixes.push(reader.text())
    else if (tag === plain(6)) allocatable = reader.bool()
    else if (tag === sized(7)) ports.push(reader.message(readPort))
    else if (tag === sized(8)) resolution = reader.text()
    else if (tag === plain(9)) headless = reader.bool()
    else if (tag === plain(10)) publishNotReady = reader.bool()
    else if (tag === sized(11)) externalName = reader.text()
    else if (tag === sized(12)) exportTo.push(reader.text())
    else if (tag === plain(13)) ttlSeconds = reader.uint32()
    else if (tag === plain(14)) createdAtMs = reader.int64()
    else if (tag === sized(15)) routingPreference.push(...reader.packed())
    else if (tag === plain(15)) routingPreference.push(reader.uint32())
    else if (tag === plain(16)) strict = reader.bool()
    else reader.skip(tag)
  }
  return {
    origin,
    registry,
    shortName,
    addresses,
    prefixes,
    allocatable,
    ports,
    resolution,
    headless,
    publishNotReady,
    externalName,
    exportTo,
    ttlSeconds,
    createdAtMs,
    routingPreference,
    strict,
  }
}

function readPort(reader: FieldReader): DeclaredPortFields {
  let number = 0
  let name = ''
  let protocol = ''
  let targetPort = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === plain(1)) number = reader.uint32()
    else if (tag === sized(2)) name = reader.text()
    else if (tag === sized(3)) protocol = reader.text()
    else if (tag === plain(4)) targetPort = reader.uint32()
    else reader.skip(tag)
  }
  return { number, name, protocol, targetPort }
}

function readOrigin(reader: FieldReader): OriginFields {
  let kind = ''
  let namespace = ''
  let name = ''
  let file = ''
  let line = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) kind = reader.text()
    else if (tag === sized(2)) namespace = reader.text()
    else if (tag === sized(3)) name = reader.text()
    else if (tag === sized(4)) file = reader.text()
    else if (tag === plain(5)) line = reader.uint32()
    else reader.skip(tag)
  }
  return { kind, namespace, name, file, line }
}

function readRole(reader: FieldReader): RoleFields {
  let service = ''
  let declaredBy = ''
  let hostname = ''
  let ownPorts = false
  const ports: Record<number, number> = {}
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) service = reader.text()
    else if (tag === sized(2)) declaredBy = reader.text()
    else if (tag === sized(3)) hostname = reader.text()
    else if (tag === sized(4)) {
      const [from, to] = reader.message(readNumbers)
      ports[from] = to
    } else if (tag === plain(5)) ownPorts = reader.bool()
    else reader.skip(tag)
  }
  return { service, declaredBy, hostname, ports, ownPorts }
}

/** One entry of a `map<uint32, uint32>`. */
function readNumbers(reader: FieldReader): readonly [key: number, value: number] {
  let key = 0
  let value = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === plain(1)) key = reader.uint32()
    else if (tag === plain(2)) value = reader.uint32()
    else reader.skip(tag)
  }
  return [key, value]
}
