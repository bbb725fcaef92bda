import type { HealthSpec } from '../../src/base/health.ts'
import type { Declared } from './declarations.ts'
import { byText, code, page, table } from './markdown.ts'

export function healthPage(specs: readonly Declared<HealthSpec>[]): string {
  const rows = specs
    .map(({ value }) => value)
    .toSorted((a, b) => byText(a.code, b.code))
    .map(({ code: healthCode, severity, title, hint }) => [code(healthCode), severity, title, hint])
  return page('Health items', [
    'Lasting problems, shown alike by the health page, the log and the metrics. `down` means that the agent does not serve what it should, `degraded` that it serves, but a person should look.',
    table(['code', 'severity', 'what', 'what to do'], rows),
  ])
}
