import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { Scope } from '../../base/scope.ts'
import { ApiFailure } from '../../kubernetes/client/api-failure.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { until } from '../../testing/until.ts'
import { insistentClient } from './insistent-client.ts'

function failure(status: number, retryAfterMs?: number): ApiFailure {
  const patience = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new ApiFailure('GET /x', { status, reason: '', message: 'no', ...patience })
}

/** Fails with these, one after another, and then works. */
function insistOn(failures: unknown[]) {
  const clock = new FakeClock()
  const scope = new Scope(silentLog)
  let tries = 0
  const client = {
    async call() {
      tries += 1
      if (failures.length > 0) throw failures.shift()
      return { kind: 'done' }
    },
  }
  const ports = { client, clock, log: silentLog, scope, random: () => 32_768 }
  const outcome = insistentClient(ports).call({ path: '/x' })
  outcome.catch(() => {})
  const pass = async (ms: number) => {
    await until(() => clock.waiting > 0)
    clock.advance(ms)
  }
  return { pass, scope, outcome, tries: () => tries }
}

describe('insistentClient', () => {
  for (const status of [0, 429, 500, 503, 504]) {
    it(`tries again after status ${status}`, async () => {
      const { pass, outcome, tries } = insistOn([failure(status), failure(status)])
      await pass(500)
      await pass(1_000)
      assert.deepEqual(await outcome, { kind: 'done' })
      assert.equal(tries(), 3)
    })
  }

  for (const error of [failure(403), failure(409), failure(422), new Error('ours')]) {
    it(`gives up when told: ${error instanceof ApiFailure ? error.status : error.message}`, async () => {
      await assert.rejects(insistOn([error]).outcome, error)
    })
  }

  it('leaves a server alone for as long as it says', async () => {
    const { pass, outcome, tries } = insistOn([failure(429, 7_000)])
    await pass(6_900)
    assert.equal(tries(), 1)
    await pass(1_000)
    assert.deepEqual(await outcome, { kind: 'done' })
  })

  it('ends with everything else', async () => {
    const { scope, outcome } = insistOn(Array.from({ length: 9 }, () => failure(500)))
    await scope.stop()
    await assert.rejects(outcome, ApiFailure)
  })
})
