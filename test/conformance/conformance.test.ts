import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { decodeMessage, encodeMessage, type Message } from '../../src/wire/message.ts'
import { formatOpcode } from '../../src/wire/opcode.ts'
import { formatRcode } from '../../src/wire/rcode.ts'
import { WireFormatError } from '../../src/wire/reader.ts'
import type { ResourceRecord } from '../../src/wire/record.ts'
import { formatRecordClass } from '../../src/wire/record-class.ts'
import { formatRecordType } from '../../src/wire/record-type.ts'

interface Case {
  readonly name: string
  /** A message; blanks are for people. */
  readonly hex: string
  /** What must be found in it, or where and why it must be refused. */
  readonly want: { readonly error: string; readonly offset: number } | object
}

const folder = new URL('.', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const cases = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case[]
  for (const { name, hex, want } of cases) {
    test(`${file.replace('.json', '')}: ${name}`, () => {
      const octets = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      assert.equal(octets.length * 2, hex.replaceAll(' ', '').length, 'not hexadecimal')
      if ('error' in want) {
        assert.deepEqual(refusalOf(octets), want)
        return
      }
      const message = decodeMessage(octets)
      assert.partialDeepStrictEqual(printable(message), want)
      assert.deepEqual(decodeMessage(encodeMessage(message)), message)
    })
  }
}

function refusalOf(octets: Uint8Array): object {
  try {
    return printable(decodeMessage(octets))
  } catch (error) {
    assert.ok(error instanceof WireFormatError)
    const reason = /^not a DNS message: (.*) at octet \d+$/.exec(error.message)?.[1]
    return { error: reason, offset: error.offset }
  }
}

/** The message with names for numbers and octets in hexadecimal, as the files have it. */
function printable(message: Message): Record<string, unknown> {
  const printed = {
    ...message,
    opcode: formatOpcode(message.opcode),
    rcode: formatRcode(message.rcode),
    questions: message.questions.map(
      ({ name, type, class: inClass }) =>
        `${name} ${formatRecordClass(inClass)} ${formatRecordType(type)}`,
    ),
    answers: message.answers.map(printableRecord),
    authorities: message.authorities.map(printableRecord),
    additionals: message.additionals.map(printableRecord),
  }
  const json = JSON.stringify(printed, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  )
  return JSON.parse(json) as Record<string, unknown>
}

function printableRecord(record: ResourceRecord): object {
  const { name, ttl, class: inClass, type, data } = record
  const start = `${name} ${ttl} ${formatRecordClass(inClass)} ${formatRecordType(type)}`
  return { record: start, ...data }
}
