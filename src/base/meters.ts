/** A metric, declared once in the room that counts it; `docs/reference/metrics.md` is printed from these. */
export interface MeterSpec {
  /** Full Prometheus name; counters end in `_total`, units are base units. */
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The one label that tells its cells apart. */
  readonly label?: string
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[]
}

/** One number that the hot path may add to without cost: `cell.value += 1`. */
export interface Cell {
  value: number
}

/** What a histogram holds: how many observations fell into each bucket, and their sum. */
export class Buckets {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.sum += value
    this.count += 1
    const index = this.bounds.findIndex((bound) => value <= bound)
    if (index >= 0) this.counts[index] = (this.counts[index] ?? 0) + 1
  }

  /** Takes what another one of the same bounds has observed besides. */
  add({ counts, sum, count }: Buckets): void {
    for (const [index, more] of counts.entries()) {
      this.counts[index] = (this.counts[index] ?? 0) + more
    }
    this.sum += sum
    this.count += count
  }
}

/** All numbers of one process, by spec and label value. */
export class Meters {
  readonly #cells = new Map<MeterSpec, Map<string, Cell>>()
  readonly #histograms = new Map<MeterSpec, Buckets>()
  readonly #readings = new Map<MeterSpec, () => number>()

  /** The cell of a counter or gauge; without a label there is one. */
  cell(spec: MeterSpec, labelValue = ''): Cell {
    const cells = this.#cells.get(spec) ?? new Map<string, Cell>()
    this.#cells.set(spec, cells)
    const cell = cells.get(labelValue) ?? { value: 0 }
    cells.set(labelValue, cell)
    return cell
  }

  histogram(spec: MeterSpec): Buckets {
    const histogram = this.#histograms.get(spec) ?? new Buckets(spec.buckets ?? [])
    this.#histograms.set(spec, histogram)
    return histogram
  }

  /** A gauge whose value is read when somebody looks. */
  reading(spec: MeterSpec, read: () => number): void {
    this.#readings.set(spec, read)
  }

  /** Counts what others have counted, too; readings and gauges are left to them. */
  absorb(others: Meters): void {
    for (const [spec, cells] of others.#cells) {
      if (spec.kind !== 'counter') continue
      for (const [label, { value }] of cells) this.cell(spec, label).value += value
    }
    for (const [spec, histogram] of others.#histograms) this.histogram(spec).add(histogram)
  }

  cells(): ReadonlyMap<MeterSpec, ReadonlyMap<string, Cell>> {
    return this.#cells
  }

  histograms(): ReadonlyMap<MeterSpec, Buckets> {
    return this.#histograms
  }

  readings(): ReadonlyMap<MeterSpec, () => number> {
    return this.#readings
  }
}

/** What several have counted together, and show now. */
export function sumMeters(all: Iterable<Meters>): Meters {
  const sum = new Meters()
  const readings = new Map<MeterSpec, number>()
  for (const meters of all) {
    sum.absorb(meters)
    for (const [spec, cells] of meters.cells()) {
      if (spec.kind !== 'gauge') continue
      for (const [label, { value }] of cells) sum.cell(spec, label).value += value
    }
    for (const [spec, read] of meters.readings()) {
      readings.set(spec, (readings.get(spec) ?? 0) + read())
    }
  }
  for (const [spec, value] of readings) sum.reading(spec, () => value)
  return sum
}
