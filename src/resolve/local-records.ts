import { familyOf, type IpAddress } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Name } from '../wire/name.ts'
import type { Rcode } from '../wire/rcode.ts'
import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { recordClass } from '../wire/record-class.ts'
import { type RecordType, recordType } from '../wire/record-type.ts'

/** What the mesh says to a question. */
export interface LocalAnswer {
  /** The host it depends on; when that changes, so does the answer. Missing when it depends on what there is at all. */
  readonly host: Hostname | undefined
  readonly rcode: Rcode
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
  /** The rest of the answer is what this name has, in the mesh or upstream. */
  readonly continueAt?: Name
  /**
   * Of names of a cluster: the SOA of its domain. A chain of aliases that comes to nothing within the
   * domain is no chain, but an empty answer (as kube-dns has it).
   */
  readonly zoneAuthority?: ResourceRecord
}

export function record(
  name: Name,
  ttl: number,
  data: Exclude<RecordData, { kind: 'unknown' }>,
): ResourceRecord {
  return { name, type: recordType[data.kind], class: recordClass.IN, ttl, data }
}

export function addressRecord(name: Name, address: IpAddress, ttl: number): ResourceRecord {
  return record(name, ttl, { kind: familyOf(address) === 4 ? 'A' : 'AAAA', address })
}

/** The SOA of a zone; it names the zone itself where nothing else is known. */
export function startOfAuthority(
  zone: Name,
  ttl: number,
  names: { readonly mname: Name; readonly rname: Name } = { mname: zone, rname: zone },
): ResourceRecord {
  const timers = { serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: ttl }
  return record(zone, ttl, { kind: 'SOA', ...names, ...timers })
}

export function hasAddressType(type: RecordType, address: IpAddress): boolean {
  if (type === recordType.ANY) return true
  return type === (familyOf(address) === 4 ? recordType.A : recordType.AAAA)
}
