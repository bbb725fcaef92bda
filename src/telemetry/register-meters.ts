import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Buckets, Cell, MeterSpec, Meters } from '../base/meters.ts'

/** What the meters say right now. */
export function registryOf(meters: Meters): Registry {
  const registry = new Registry()
  for (const [spec, cells] of meters.cells()) registerCells(registry, spec, cells)
  for (const [spec, read] of meters.readings()) {
    registerCells(registry, spec, new Map([['', { value: read() }]]))
  }
  for (const [spec, buckets] of meters.histograms()) registerBuckets(registry, spec, buckets)
  return registry
}

function registerCells(
  registry: Registry,
  { name, help, kind, label }: MeterSpec,
  cells: ReadonlyMap<string, Cell>,
): void {
  const labelNames = label === undefined ? [] : [label]
  const configuration = { name, help, labelNames, registers: [registry] }
  const metric = kind === 'counter' ? new Counter(configuration) : new Gauge(configuration)
  for (const [labelValue, { value }] of cells) {
    metric.inc(label === undefined ? {} : { [label]: labelValue }, value)
  }
}

function registerBuckets(registry: Registry, { name, help }: MeterSpec, buckets: Buckets): void {
  registry.registerMetric(new CountedHistogram(name, help, buckets))
}

/** A histogram whose observations were counted elsewhere; prom-client's own only takes single ones. */
class CountedHistogram extends Gauge {
  readonly #shape: Histogram
  readonly #name: string
  readonly #buckets: Buckets

  constructor(name: string, help: string, buckets: Buckets) {
    super({ name, help, registers: [] })
    this.#shape = new Histogram({ name, help, registers: [] })
    this.#name = name
    this.#buckets = buckets
  }

  override async get(): ReturnType<Histogram['get']> {
    const { bounds, counts, sum, count } = this.#buckets
    const metricName = `${this.#name}_bucket`
    let upTo = 0
    const values = bounds.map((bound, index) => {
      upTo += counts[index] ?? 0
      return { labels: { le: bound }, value: upTo, metricName }
    })
    return {
      ...(await this.#shape.get()),
      values: [
        ...values,
        { labels: { le: '+Inf' }, value: count, metricName },
        { labels: {}, value: sum, metricName: `${this.#name}_sum` },
        { labels: {}, value: count, metricName: `${this.#name}_count` },
      ],
    }
  }
}
