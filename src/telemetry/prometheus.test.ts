import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MeterSpec, Meters } from '../base/meters.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { followProcess } from './process-meters.ts'
import { renderPrometheus } from './prometheus.ts'

const requests: MeterSpec = { name: 'test_requests_total', kind: 'counter', help: 'Requests.' }
const dropped: MeterSpec = {
  name: 'test_dropped_total',
  kind: 'counter',
  help: 'Dropped,\nby reason.',
  label: 'reason',
}
const open: MeterSpec = { name: 'test_open', kind: 'gauge', help: 'Open.' }
const size: MeterSpec = { name: 'test_size', kind: 'gauge', help: 'Size.' }
const duration: MeterSpec = {
  name: 'test_duration_seconds',
  kind: 'histogram',
  help: 'Duration.',
  buckets: [0.001, 0.1, 1],
}

async function linesOf(meters: Meters): Promise<string[]> {
  const page = await renderPrometheus(meters)
  return page.split('\n').filter((line) => line !== '')
}

describe('renderPrometheus', () => {
  it('shows counters, with and without a label', async () => {
    const meters = new Meters()
    meters.cell(requests).value += 3
    meters.cell(dropped, 'short').value += 1
    meters.cell(dropped, 'a "quoted\\one"').value += 2
    assert.deepEqual(await linesOf(meters), [
      '# HELP test_requests_total Requests.',
      '# TYPE test_requests_total counter',
      'test_requests_total 3',
      '# HELP test_dropped_total Dropped,\\nby reason.',
      '# TYPE test_dropped_total counter',
      'test_dropped_total{reason="short"} 1',
      String.raw`test_dropped_total{reason="a \"quoted\\one\""} 2`,
    ])
  })

  it('shows a counter that is still zero', async () => {
    const meters = new Meters()
    meters.cell(requests)
    assert.equal((await linesOf(meters)).at(-1), 'test_requests_total 0')
  })

  it('shows gauges, those too that are read on demand', async () => {
    const meters = new Meters()
    meters.cell(open).value = -2
    let items = 1
    meters.reading(size, () => items)
    items = 7
    assert.deepEqual(
      (await linesOf(meters)).filter((line) => !line.startsWith('#')),
      ['test_open -2', 'test_size 7'],
    )
  })

  it('shows histograms with buckets that add up', async () => {
    const meters = new Meters()
    for (const seconds of [0.0005, 0.05, 0.05, 0.5, 30]) meters.histogram(duration).observe(seconds)
    assert.deepEqual(await linesOf(meters), [
      '# HELP test_duration_seconds Duration.',
      '# TYPE test_duration_seconds histogram',
      'test_duration_seconds_bucket{le="0.001"} 1',
      'test_duration_seconds_bucket{le="0.1"} 3',
      'test_duration_seconds_bucket{le="1"} 4',
      'test_duration_seconds_bucket{le="+Inf"} 5',
      'test_duration_seconds_sum 30.6005',
      'test_duration_seconds_count 5',
    ])
  })

  it('shows what changed since it was last asked', async () => {
    const meters = new Meters()
    meters.cell(requests).value = 1
    await renderPrometheus(meters)
    meters.cell(requests).value = 2
    assert.match(await renderPrometheus(meters), /^test_requests_total 2$/m)
  })

  it('is an empty page when nothing was counted', async () => {
    assert.deepEqual(await linesOf(new Meters()), [])
  })

  it('tells of the process, in lines that are all well formed', async () => {
    const meters = new Meters()
    followProcess(meters, new FakeClock())
    meters.cell(dropped, 'short').value = 1
    const lines = await linesOf(meters)
    const sample = /^[a-zA-Z_:][\w:]*(\{.*\})? [-+]?[\d.]+(e[-+]?\d+)?$/
    const odd = lines.filter((line) => !line.startsWith('# ') && !sample.test(line))
    assert.deepEqual(odd, [])
    const valueOf = (name: string) =>
      Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1])
    assert.ok(valueOf('process_cpu_seconds_total') > 0)
    assert.ok(valueOf('process_resident_memory_bytes') > 10_000_000)
    assert.ok(valueOf('nodejs_heap_size_used_bytes') > 1_000_000)
    const started = valueOf('process_start_time_seconds')
    assert.ok(
      started <= new FakeClock().wall() / 1_000 && started > new FakeClock().wall() / 1_000 - 600,
    )
    if (process.platform === 'linux') assert.ok(valueOf('process_open_fds') > 2)
  })
})
