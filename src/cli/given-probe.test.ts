import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AgentOptions } from '../agent/options.ts'
import { readAgentSettings } from '../config/agent-settings.ts'
import { workloadProbeOf } from '../xds/probe/options.ts'
import { givenProbe } from './given-probe.ts'

interface Case {
  readonly name: string
  readonly probe: string
}

const cases: readonly Case[] = [
  {
    name: 'by HTTP',
    probe:
      '{ httpGet: { port: 8080, path: /ready, scheme: HTTPS, host: app.test, httpHeaders: [{ name: A, value: "b: c" }] }, periodSeconds: 5 }',
  },
  { name: 'by TCP', probe: '{ tcpSocket: { port: 5432 }, initialDelaySeconds: 3 }' },
  { name: 'by a command', probe: '{ exec: { command: [pg_isready, -q] }, failureThreshold: 5 }' },
  { name: 'by gRPC', probe: '{ grpc: { port: 9000, service: shop }, timeoutSeconds: 4 }' },
]

describe('givenProbe', () => {
  for (const { name, probe } of cases) {
    it(`gives the probe of Istio’s settings as options: ${name}`, () => {
      const env = { PROXY_CONFIG: `readinessProbe: ${probe}` }
      const { settings } = readAgentSettings({ env })
      assert.ok(settings?.config.readinessProbe)
      const tree: Record<string, Record<string, unknown>> = {}
      for (const given of givenProbe(settings)) {
        const { path, value } = given
        const last = path.at(-1) ?? ''
        let branch: Record<string, unknown> = tree
        for (const key of path.slice(0, -1)) {
          branch[key] ??= {}
          branch = branch[key] as Record<string, unknown>
        }
        branch[last] = value
        assert.match(given.from(), /PROXY_CONFIG/)
      }
      const options = AgentOptions.parse(tree)
      assert.deepEqual(workloadProbeOf(options.readinessProbe), settings.config.readinessProbe)
    })
  }

  it('gives nothing where there is no probe', () => {
    const { settings } = readAgentSettings({ env: {} })
    assert.ok(settings)
    assert.deepEqual(givenProbe(settings), [])
  })
})
