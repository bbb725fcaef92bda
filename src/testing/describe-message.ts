import type { Message } from '../wire/message.ts'
import { formatRcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { formatRecordType } from '../wire/record-type.ts'

/** One line a record, `owner TYPE data`, the rcode before them; what tests compare. */
export function describeMessage(message: Message): string[] {
  return [formatRcode(message.rcode), ...message.answers.map(describeRecord)]
}

export function describeRecord({ name, type, data }: ResourceRecord): string {
  const owner = `${name} ${formatRecordType(type)}`
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return `${owner} ${data.address}`
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return `${owner} ${data.name}`
    case 'SRV':
      return `${owner} ${data.priority} ${data.weight} ${data.port} ${data.target}`
    case 'SOA':
      return `${owner} ${data.minimum}`
    case 'MX':
    case 'TXT':
    case 'SVCB':
    case 'HTTPS':
    case 'unknown':
      return owner
  }
}
