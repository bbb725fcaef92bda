import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Health, type HealthSpec } from '../base/health.ts'
import type { Log, LogFields } from '../base/log.ts'
import type { Finding } from './finding.ts'
import { FindingReport } from './finding-report.ts'

const refused: Finding = {
  severity: 'error',
  code: 'E1',
  message: 'has no hosts',
  path: 'spec.hosts',
  file: 'a.yaml',
  line: 6,
  column: 3,
  hint: 'Name one.',
  object: { kind: 'ServiceEntry', namespace: 'default', name: 'web' },
}
const warning: Finding = { ...refused, severity: 'warning', code: 'W1', message: 'odd' }

const unreadable: HealthSpec = {
  code: 'UNREADABLE',
  severity: 'degraded',
  title: 'it cannot be read',
  hint: 'Look.',
}
const objectRefused: HealthSpec = { ...unreadable, code: 'OBJECT_REFUSED' }

describe('FindingReport', () => {
  let lines: (readonly [level: string, fields: LogFields])[]
  let health: Health
  let report: FindingReport

  beforeEach(() => {
    lines = []
    health = new Health()
    const write = (level: string) => (fields: LogFields) => lines.push([level, fields])
    const log: Log = {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
    }
    report = new FindingReport({ log, health }, ({ code }) =>
      code === 'GONE' ? unreadable : objectRefused,
    )
  })

  it('logs a finding once, with its place and its object', () => {
    report.update([[refused]])
    report.update([[refused]])
    assert.deepEqual(lines, [
      [
        'error',
        {
          code: 'E1',
          file: 'a.yaml',
          line: 6,
          column: 3,
          path: 'spec.hosts',
          reason: 'has no hosts',
          hint: 'Name one.',
          object: 'ServiceEntry default/web',
        },
      ],
    ])
  })

  it('names no line where there are none', () => {
    report.update([[{ ...refused, file: 'cluster', line: 0, column: 0 }]])
    const [[, fields] = []] = lines
    assert.deepEqual(
      [fields?.file, fields?.line, fields?.column],
      ['cluster', undefined, undefined],
    )
    assert.match(health.items()[0]?.detail ?? '', /^cluster: error\[E1\]: ServiceEntry /)
  })

  it('logs it again when it was mended and came back', () => {
    for (const findings of [[warning], [], [warning]]) report.update([findings])
    assert.deepEqual(
      lines.map(([level]) => level),
      ['warn', 'warn'],
    )
  })

  it('makes one health item of the errors of a file, which goes with the last of them', () => {
    report.update([[refused, { ...refused, line: 20 }, warning]])
    assert.deepEqual(
      health.items().map(({ code, detail }) => ({ code, detail })),
      [
        {
          code: 'OBJECT_REFUSED',
          detail:
            'a.yaml:6:3: error[E1]: ServiceEntry default/web spec.hosts: has no hosts (and 1 more)',
        },
      ],
    )
    report.update([[warning]])
    assert.deepEqual(health.items(), [])
  })

  it('shows an error as the item that it is told', () => {
    report.update([[refused]])
    report.update([[{ ...refused, code: 'GONE' }]])
    assert.deepEqual(
      health.items().map(({ code }) => code),
      ['UNREADABLE'],
    )
  })
})
