import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { waitUntil } from './wait-until.ts'

/** Waits while time flies; `trueAt` is the call that says so. */
async function waitFor(trueAt: number, limitMs: number) {
  const clock = new FakeClock()
  const stderr = new PassThrough()
  let calls = 0
  const isSo = () => {
    calls += 1
    setImmediate(() => clock.advance(200))
    return Promise.resolve(calls === trueAt)
  }
  const result = await waitUntil(isSo, { what: 'for rain', limitMs }, { clock, stderr })
  return { result, calls, said: String(stderr.read() ?? '') }
}

describe('waitUntil', () => {
  it('asks at once, and says nothing when it need not wait long', async () => {
    assert.deepEqual(await waitFor(1, 5_000), { result: true, calls: 1, said: '' })
    assert.deepEqual(await waitFor(4, 5_000), { result: true, calls: 4, said: '' })
  })

  it('says once what it waits for when that takes more than a second', async () => {
    const said = 'waiting for rain, for up to 5 seconds\n'
    assert.deepEqual(await waitFor(12, 5_000), { result: true, calls: 12, said })
  })

  it('gives up in time', async () => {
    assert.equal((await waitFor(100, 3_000)).result, false)
  })
})
