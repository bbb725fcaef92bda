import { describeRecord } from '../../../src/testing/describe-message.ts'
import type { Message } from '../../../src/wire/message.ts'
import { formatRcode } from '../../../src/wire/rcode.ts'
import { recordType } from '../../../src/wire/record-type.ts'

/** What matters of an answer: rcode and records, without order and life times; the SOA by owner where nothing is found. */
export interface Outcome {
  readonly rcode: string
  readonly records: readonly string[]
}

export function outcomeOf(message: Message): Outcome {
  const { answers, authorities, additionals, questions } = message
  const isService = questions[0]?.type === recordType.SRV
  const said = answers.map((one) => describeRecord(one))
  const more = isService && answers.length > 0 ? additionals.map((one) => describeRecord(one)) : []
  const denying =
    answers.length > 0
      ? []
      : authorities
          .filter(({ type }) => type === recordType.SOA)
          .map(({ name }) => `${name} SOA, by authority`)
  const soa = (line: string) => line.replace(/ SOA \d+$/, ' SOA')
  const texts = answers.flatMap(({ data }) =>
    data.kind === 'TXT' ? data.strings.map((one) => Buffer.from(one).toString('latin1')) : [],
  )
  const lines = [...said, ...more.map((line) => `+ ${line}`), ...denying, ...texts]
  const records = new Set(lines.map((line) => soa(line).toLowerCase()))
  return { rcode: formatRcode(message.rcode), records: [...records].sort() }
}

export function isSameOutcome(a: Outcome, b: Outcome): boolean {
  return a.rcode === b.rcode && a.records.join() === b.records.join()
}
