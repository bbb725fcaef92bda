import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { until } from '../../testing/until.ts'
import type { WorkloadHealth } from '../client/health-reporter.ts'
import { WorkloadProbeOptions, workloadProbeOf } from './options.ts'
import { WorkloadProber } from './workload-prober.ts'

describe('WorkloadProber', () => {
  it('reports the first verdict, and then only others, after so many answers in a row', async (test) => {
    const { reports, setHealthy, ask } = await start(test, {
      initialDelaySeconds: 5,
      periodSeconds: 10,
      successThreshold: 2,
      failureThreshold: 3,
    })
    await setHealthy(true)
    assert.deepEqual(await ask(5), [])
    assert.deepEqual(await ask(10), [true])
    assert.deepEqual(await ask(10), [true])
    await setHealthy(false)
    await ask(10)
    assert.deepEqual(await ask(10), [true])
    assert.deepEqual(await ask(10), [true, false])
    assert.equal(reports.at(-1)?.message, 'exit code 1')
    await setHealthy(true)
    assert.deepEqual(await ask(10), [true, false])
    assert.deepEqual(await ask(10), [true, false, true])
  })

  it('asks no more once it is stopped', async (test) => {
    const { prober, clock, reports, setHealthy } = await start(test, {})
    await setHealthy(true)
    await prober.stop()
    clock.advance(100_000)
    assert.deepEqual(reports, [])
  })
})

describe('workloadProbeOf', () => {
  it('is none where nothing says how to ask', () => {
    assert.equal(workloadProbeOf(WorkloadProbeOptions.parse({})), undefined)
  })

  it('has Istio’s defaults', () => {
    const options = WorkloadProbeOptions.parse({ httpGet: { port: 8080, headers: ['A: b: c'] } })
    const probe = workloadProbeOf(options)
    assert.equal(probe?.initialDelaySeconds, 0)
    assert.equal(probe.timeoutSeconds, 1)
    assert.equal(probe.periodSeconds, 10)
    assert.equal(probe.successThreshold, 1)
    assert.equal(probe.failureThreshold, 3)
    assert.deepEqual(probe.method, {
      kind: 'http',
      port: 8080,
      path: '/',
      host: '',
      scheme: 'http',
      headers: [{ name: 'A', value: 'b: c' }],
    })
  })

  it('does not choose between two ways of asking', () => {
    const two = { tcpSocket: { port: 80 }, exec: { command: ['true'] } }
    assert.throws(() => WorkloadProbeOptions.parse(two), /only one of/)
  })
})

/** An application that is healthy as long as a file exists. */
async function start(test: TestContext, times: Partial<WorkloadProbeOptions>) {
  const file = join(await temporaryFolder(test), 'healthy')
  const options = WorkloadProbeOptions.parse({ exec: { command: ['test', '-e', file] }, ...times })
  const probe = workloadProbeOf(options)
  assert.ok(probe)
  const clock = new CountingClock()
  const reports: WorkloadHealth[] = []
  const report = (health: WorkloadHealth) => reports.push(health)
  const prober = new WorkloadProber(probe, { clock, log: silentLog, report }).start()
  test.after(() => prober.stop())
  const ask = async (seconds: number) => {
    const before = clock.timers
    clock.advance(seconds * 1_000)
    // Its time-out, and then the next time.
    await until(() => clock.timers === before + 2)
    return reports.map(({ healthy }) => healthy)
  }
  const setHealthy = (healthy: boolean) => (healthy ? writeFile(file, '') : rm(file))
  return { prober, clock, reports, ask, setHealthy }
}

class CountingClock extends FakeClock {
  timers = 0

  override after(delayMs: number, callback: () => void): () => void {
    this.timers += 1
    return super.after(delayMs, callback)
  }
}
