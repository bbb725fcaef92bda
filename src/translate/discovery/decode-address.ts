import { FieldReader, plain, sized } from '../../rpc/field-reader.ts'
import type {
  AddressFields,
  ExtensionFields,
  LoadBalancingFields,
  LocalityFields,
  PortFields,
  PortListFields,
  ServiceFields,
  WorkloadFields,
} from './address-fields.ts'

/**
 * What an encoded `istio.workload.Address` says, as far as it is read.
 * @throws {RangeError} when it is no message.
 */
export function decodeAddress(octets: Uint8Array): AddressFields {
  const reader = new FieldReader(octets)
  let type: AddressFields['type'] = { case: undefined }
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) type = { case: 'workload', value: reader.message(readWorkload) }
    else if (tag === sized(2)) type = { case: 'service', value: reader.message(readService) }
    else reader.skip(tag)
  }
  return { type }
}

function readService(reader: FieldReader): ServiceFields {
  let name = ''
  let namespace = ''
  let hostname = ''
  let canonical = false
  let loadBalancing: LoadBalancingFields | undefined
  const addresses: { address: Uint8Array }[] = []
  const ports: PortFields[] = []
  const extensions: ExtensionFields[] = []
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) name = reader.text()
    else if (tag === sized(2)) namespace = reader.text()
    else if (tag === sized(3)) hostname = reader.text()
    else if (tag === sized(4)) addresses.push(reader.message(readNetworkAddress))
    else if (tag === sized(5)) ports.push(reader.message(readPort))
    else if (tag === sized(8)) loadBalancing = reader.message(readLoadBalancing)
    else if (tag === sized(10)) extensions.push(reader.message(readExtension))
    else if (tag === plain(11)) canonical = reader.bool()
    else reader.skip(tag)
  }
  return { name, namespace, hostname, addresses, ports, loadBalancing, extensions, canonical }
}

function readWorkload(reader: FieldReader): WorkloadFields {
  let name = ''
  let namespace = ''
  let network = ''
  let serviceAccount = ''
  let node = ''
  let uid = ''
  let hostname = ''
  let status = 0
  let locality: LocalityFields | undefined
  let capacity: number | undefined
  const addresses: Uint8Array[] = []
  // Its keys come from the network.
  const services: Record<string, PortListFields> = Object.create(null)
  const extensions: ExtensionFields[] = []
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) name = reader.text()
    else if (tag === sized(2)) namespace = reader.text()
    else if (tag === sized(3)) addresses.push(reader.octets())
    else if (tag === sized(4)) network = reader.text()
    else if (tag === sized(7)) serviceAccount = reader.text()
    else if (tag === sized(9)) node = reader.text()
    else if (tag === plain(17)) status = reader.uint32()
    else if (tag === sized(20)) uid = reader.text()
    else if (tag === sized(21)) hostname = reader.text()
    else if (tag === sized(22)) {
      const { service, list } = reader.message(readServed)
      services[service] = list
    } else if (tag === sized(24)) locality = reader.message(readLocality)
    else if (tag === sized(26)) extensions.push(reader.message(readExtension))
    else if (tag === sized(27)) capacity = reader.message(readCapacity)
    else reader.skip(tag)
  }
  return {
    name,
    namespace,
    addresses,
    network,
    serviceAccount,
    node,
    status,
    uid,
    hostname,
    services,
    locality,
    extensions,
    capacity,
  }
}

function readServed(reader: FieldReader): { service: string; list: PortListFields } {
  let service = ''
  let list: PortListFields = { ports: [] }
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) service = reader.text()
    else if (tag === sized(2)) list = reader.message(readPortList)
    else reader.skip(tag)
  }
  return { service, list }
}

function readPortList(reader: FieldReader): PortListFields {
  const ports: PortFields[] = []
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) ports.push(reader.message(readPort))
    else reader.skip(tag)
  }
  return { ports }
}

function readPort(reader: FieldReader): PortFields {
  let servicePort = 0
  let targetPort = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === plain(1)) servicePort = reader.uint32()
    else if (tag === plain(2)) targetPort = reader.uint32()
    else reader.skip(tag)
  }
  return { servicePort, targetPort }
}

function readNetworkAddress(reader: FieldReader): { address: Uint8Array } {
  let address = noOctets
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(2)) address = reader.octets()
    else reader.skip(tag)
  }
  return { address }
}

function readLoadBalancing(reader: FieldReader): LoadBalancingFields {
  let mode = 0
  let healthPolicy = 0
  const routingPreference: number[] = []
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) routingPreference.push(...reader.packed())
    else if (tag === plain(1)) routingPreference.push(reader.uint32())
    else if (tag === plain(2)) mode = reader.uint32()
    else if (tag === plain(3)) healthPolicy = reader.uint32()
    else reader.skip(tag)
  }
  return { routingPreference, mode, healthPolicy }
}

function readLocality(reader: FieldReader): LocalityFields {
  let region = ''
  let zone = ''
  let subzone = ''
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) region = reader.text()
    else if (tag === sized(2)) zone = reader.text()
    else if (tag === sized(3)) subzone = reader.text()
    else reader.skip(tag)
  }
  return { region, zone, subzone }
}

/** A `google.protobuf.UInt32Value`. */
function readCapacity(reader: FieldReader): number {
  let value = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === plain(1)) value = reader.uint32()
    else reader.skip(tag)
  }
  return value
}

function readExtension(reader: FieldReader): ExtensionFields {
  let name = ''
  let config: ExtensionFields['config']
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) name = reader.text()
    else if (tag === sized(2)) config = reader.message(readAny)
    else reader.skip(tag)
  }
  return config ? { name, config } : { name }
}

/** A `google.protobuf.Any`. */
function readAny(reader: FieldReader): { typeUrl: string; value: Uint8Array } {
  let typeUrl = ''
  let value = noOctets
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === sized(1)) typeUrl = reader.text()
    else if (tag === sized(2)) value = reader.octets()
    else reader.skip(tag)
  }
  return { typeUrl, value }
}

const noOctets: Uint8Array = new Uint8Array()
