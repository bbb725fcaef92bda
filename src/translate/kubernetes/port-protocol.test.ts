import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { protocolOfPort } from './port-protocol.ts'

interface Case {
  readonly name: string
  readonly port: Parameters<typeof protocolOfPort>[0]
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'nothing said', port: {}, want: '' },
  { name: 'TCP is no more than nothing', port: { protocol: 'TCP' }, want: '' },
  { name: 'UDP, whatever its name', port: { protocol: 'UDP', name: 'http' }, want: 'UDP' },
  { name: 'by name', port: { name: 'http' }, want: 'HTTP' },
  { name: 'by the name’s beginning', port: { name: 'redis-cache' }, want: 'REDIS' },
  { name: 'by a name with a hyphen of its own', port: { name: 'grpc-web-ui' }, want: 'GRPC-WEB' },
  { name: 'a name that only begins alike', port: { name: 'httpx' }, want: '' },
  { name: 'a TCP port that is called udp', port: { name: 'udp-x' }, want: '' },
  { name: 'appProtocol beats the name', port: { name: 'http', appProtocol: 'TLS' }, want: 'TLS' },
  { name: 'appProtocol of Kubernetes', port: { appProtocol: 'kubernetes.io/h2c' }, want: 'HTTP2' },
  { name: 'an unknown appProtocol', port: { name: 'tcp-x', appProtocol: 'amqp' }, want: 'TCP' },
]

describe('protocolOfPort', () => {
  for (const { name, port, want } of cases) {
    it(name, () => assert.equal(protocolOfPort(port), want))
  }
})
