import { tryParseIp } from '../../ip/address.ts'
import { reverseName } from '../../ip/reverse-name.ts'
import {
  formatSocketAddress,
  parseSocketAddress,
  type SocketAddress,
} from '../../ip/socket-address.ts'
import { extendedErrorsOf, formatExtendedErrorCode } from '../../wire/extended-error.ts'
import type { Message } from '../../wire/message.ts'
import { parseName } from '../../wire/name.ts'
import type { Question } from '../../wire/question.ts'
import { formatRcode } from '../../wire/rcode.ts'
import { recordClass } from '../../wire/record-class.ts'
import { formatRecordType, parseRecordType, recordType } from '../../wire/record-type.ts'
import { askServer } from '../ask-server.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { type RecordText, recordText } from '../format-record.ts'
import { readOfflineMesh } from '../offline-mesh.ts'
import { offlineNames } from '../offline-names.ts'
import { outputOption, print } from '../output.ts'
import { sourceOptions } from '../source-options.ts'
import { formatTable } from '../table.ts'
import { warnOfFindings } from '../warn-of-findings.ts'

export const command: Command = {
  description:
    'Asks for a name as an application would: with -f the mesh of the files, and for names outside of it the ' +
    'servers of resolv.conf; without -f the agent of this machine. Ends with 1 when there is no record.',
  operands: [
    { name: 'name', summary: 'a name; an address asks for its name' },
    { name: 'type', summary: 'record type; A and AAAA when not given', optional: true },
  ],
  options: [
    ...sourceOptions,
    {
      flags: '--server <address:port>',
      summary: 'DNS server to ask; DNS_PROXY_ADDR, else 127.0.0.1:15053, when there is no -f',
    },
    outputOption,
  ],
  examples: [
    { command: 'meshdns lookup -f examples auto.internal', says: 'what the files lead to' },
    { command: 'meshdns lookup auto.internal AAAA', says: 'what the agent of this machine says' },
    { command: 'meshdns lookup 240.240.0.1', says: 'whose virtual address it is' },
  ],
  fields: [
    { path: 'name', says: 'what was asked for' },
    { path: 'answers[].type', says: 'record type of the question' },
    { path: 'answers[].rcode', says: 'such as NOERROR or NXDOMAIN' },
    { path: 'answers[].from', says: 'mesh, or ADDRESS:PORT of a server' },
    { path: 'answers[].records[].name', says: 'owner of the record' },
    { path: 'answers[].records[].ttlSeconds', says: 'how long it may be kept' },
    { path: 'answers[].records[].type', says: 'its type' },
    { path: 'answers[].records[].data', says: 'as in a zone file' },
    { path: 'answers[].errors[]', says: 'extended errors (RFC 8914)' },
  ],
  run,
}

const head = ['NAME', 'TTL', 'TYPE', 'DATA']

interface Answer {
  readonly type: string
  readonly rcode: string
  /** Who said so: `mesh`, or a server. */
  readonly from: string
  readonly records: readonly RecordText[]
  readonly errors: readonly string[]
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const [text = '', type] = invocation.operands
  const ask = await askerOf(invocation)
  const answers: Answer[] = []
  for (const question of questionsFor(text, type)) answers.push(await ask(question))
  const records = answers.flatMap((answer) => answer.records)
  await print(invocation, {
    forPeople: (color) => {
      const table = { head, rows: records.map(rowOf), empty: 'No records.' }
      return `${formatTable(table, color)}\n${answers.map(summaryOf).join('\n')}\n`
    },
    value: { name: text, answers },
  })
  return records.length > 0 ? exitCodes.done : exitCodes.failed
}

function rowOf({ name, ttlSeconds, type, data }: RecordText): string[] {
  return [name, `${ttlSeconds}`, type, data]
}

function questionsFor(text: string, type: string | undefined): Question[] {
  const address = tryParseIp(text)
  const name = parseName(address === undefined ? text : reverseName(address))
  const inClass = { name, class: recordClass.IN }
  if (type !== undefined) return [{ ...inClass, type: parseRecordType(type) }]
  if (address !== undefined) return [{ ...inClass, type: recordType.PTR }]
  return [
    { ...inClass, type: recordType.A },
    { ...inClass, type: recordType.AAAA },
  ]
}

type Ask = (question: Question) => Promise<Answer>

async function askerOf(invocation: Invocation): Promise<Ask> {
  const { options, io } = invocation
  const named = options.text('server')
  if (named !== undefined || options.texts('file').length === 0) {
    const server = named ?? io.env['DNS_PROXY_ADDR'] ?? '127.0.0.1:15053'
    return askOneOf([parseSocketAddress(server.replace(/^localhost:/, '127.0.0.1:'))])
  }
  const mesh = await readOfflineMesh(invocation)
  warnOfFindings(mesh.findings, io)
  const names = offlineNames(mesh)
  const askUpstreams = askOneOf(names.resolvConf.nameservers)
  return async (question) => {
    const said = names.answer(question)
    return said ? answerFrom(question, said, 'mesh') : askUpstreams(question)
  }
}

/** The first server that answers at all. */
function askOneOf(servers: readonly SocketAddress[]): Ask {
  return async (question) => {
    let failure: unknown
    for (const server of servers) {
      try {
        return answerFrom(question, await askServer(server, question), formatSocketAddress(server))
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
}

function answerFrom({ type }: Question, message: Message, from: string): Answer {
  const errors = message.edns ? extendedErrorsOf(message.edns) : []
  return {
    type: formatRecordType(type),
    rcode: formatRcode(message.rcode),
    from,
    records: message.answers.map(recordText),
    errors: errors.map(({ code, text }) => `${formatExtendedErrorCode(code)} ${text}`.trim()),
  }
}

function summaryOf({ type, rcode, from, errors }: Answer): string {
  return [`${type}: ${rcode} from ${from}`, ...errors].join(', ')
}
