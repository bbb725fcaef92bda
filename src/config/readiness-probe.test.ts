import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { Report } from '../documents/report.ts'
import { probeMessage, readReadinessProbe } from './readiness-probe.ts'

function read(text: string) {
  const [document] = readDocuments(text, 'x').documents
  assert.ok(document)
  const report = new Report(document)
  const probe = readReadinessProbe(document.value, { path: [], report })
  return { probe, findings: report.findings.map(formatFinding) }
}

interface Case {
  readonly name: string
  readonly text: string
  /** The method with its defaults, or what is wrong. */
  readonly want: object | string
}

const cases: readonly Case[] = [
  {
    name: 'HTTP, with its defaults',
    text: 'httpGet: { port: 8080 }',
    want: { kind: 'http', path: '/', port: 8080, host: '', scheme: 'http', headers: [] },
  },
  {
    name: 'HTTP, with everything',
    text: 'httpGet: { port: 1, path: /x, host: h, scheme: HTTPS, httpHeaders: [{ name: A, value: b }] }',
    want: {
      kind: 'http',
      path: '/x',
      port: 1,
      host: 'h',
      scheme: 'https',
      headers: [{ name: 'A', value: 'b' }],
    },
  },
  { name: 'TCP', text: 'tcpSocket: { port: 1 }', want: { kind: 'tcp', host: '', port: 1 } },
  {
    name: 'a command',
    text: 'exec: { command: [a, b] }',
    want: { kind: 'exec', command: ['a', 'b'] },
  },
  {
    name: 'gRPC',
    text: 'grpc: { port: 1, service: s }',
    want: { kind: 'grpc', port: 1, service: 's' },
  },
  {
    name: 'no method',
    text: 'periodSeconds: 1',
    want: 'x:1:1: error[PROBE]: says not how to ask\n  hint: Give exactly one of httpGet, tcpSocket, exec, grpc.',
  },
  {
    name: 'a negative number',
    text: 'tcpSocket: { port: 1 }\nperiodSeconds: -1',
    want: 'x:2:16: error[PROBE]: periodSeconds: must not be negative',
  },
  {
    name: 'no port',
    text: 'httpGet: {}',
    want: 'x:1:1: error[PROBE]: httpGet.port: must be a port, from 1 to 65535',
  },
  {
    name: 'a port that is none',
    text: 'grpc: { port: 65536 }',
    want: 'x:1:15: error[PROBE]: grpc.port: must be a port, from 1 to 65535',
  },
  {
    name: 'no command',
    text: 'exec: { command: [] }',
    want: 'x:1:9: error[PROBE]: exec.command: the command is missing',
  },
  {
    name: 'a scheme that is none',
    text: 'httpGet: { port: 1, scheme: ftp }',
    want: 'x:1:29: error[PROBE]: httpGet.scheme: must be HTTP or HTTPS',
  },
  {
    name: 'a header without a name',
    text: 'httpGet: { port: 1, httpHeaders: [{ value: b }] }',
    want: 'x:1:35: error[PROBE]: httpGet.httpHeaders[0]: a header has no name',
  },
]

describe('readReadinessProbe reads', () => {
  for (const { name, text, want } of cases) {
    it(name, () => {
      const { probe, findings } = read(text)
      if (typeof want === 'string') assert.deepEqual(findings, [want])
      else assert.deepEqual(probe?.method, want)
      if (!probe) return
      assert.deepEqual(read(JSON.stringify(probeMessage(probe))).probe, probe)
    })
  }
})
