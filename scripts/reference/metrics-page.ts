import type { MeterSpec } from '../../src/base/meters.ts'
import type { Declared } from './declarations.ts'
import { byText, code, page, table } from './markdown.ts'

export function metricsPage(specs: readonly Declared<MeterSpec>[]): string {
  const rows = specs
    .map(({ value }) => value)
    .toSorted((a, b) => byText(a.name, b.name))
    .map(({ name, kind, label, help, buckets }) => [
      code(name),
      kind,
      label === undefined ? '' : code(label),
      buckets === undefined ? help : `${help} Buckets: ${buckets.join(', ')}.`,
    ])
  return page('Metrics', [
    'Prometheus metrics of the agent. Where Istio has a metric of the same name, it means the same.',
    table(['name', 'kind', 'label', 'meaning'], rows),
  ])
}
