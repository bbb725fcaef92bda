import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { formatRecordType } from '../wire/record-type.ts'
import { printable } from './table.ts'

/** A record as programs read it, and as a row for people. */
export interface RecordText {
  readonly name: string
  readonly ttlSeconds: number
  readonly type: string
  readonly data: string
}

export function recordText({ name, ttl, type, data }: ResourceRecord): RecordText {
  return { name, ttlSeconds: ttl, type: formatRecordType(type), data: formatData(data) }
}

/** As in a zone file (RFC 1035 §5.1, RFC 9460 §2.1, RFC 3597 §5). */
function formatData(data: RecordData): string {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return data.address
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return data.name
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = data
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ')
    }
    case 'SRV':
      return [data.priority, data.weight, data.port, data.target].join(' ')
    case 'MX':
      return `${data.preference} ${data.exchange}`
    case 'TXT':
      return data.strings.map(formatString).join(' ')
    case 'SVCB':
    case 'HTTPS': {
      const params = data.params.map(({ key, octets }) => ` key${key}=${hex(octets)}`)
      return `${data.priority} ${data.target}${params.join('')}`
    }
    case 'unknown':
      return `\\# ${data.octets.length} ${hex(data.octets)}`
  }
}

function formatString(octets: Uint8Array): string {
  return JSON.stringify(printable(Buffer.from(octets).toString('latin1')))
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}
