import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import type { ApiWatch } from '../client/cluster-client.ts'
import { followEvents, mayResume } from './event-stream.ts'

const query = {
  path: '/api/v1/pods',
  selectors: {},
  accept: 'application/json',
  resourceVersion: '1',
  timeoutSeconds: 300,
}

/** Follows a stream that goes as the test wants; says what was heard, and how it ended. */
async function follow(stream: (watch: ApiWatch, clock: FakeClock) => void) {
  const clock = new FakeClock()
  const heard: string[] = []
  const { signal } = new AbortController()
  const options = {
    ...query,
    signal,
    onOpen: () => {},
    onEvent: (type: string) => heard.push(type),
  }
  const client = { watch: async (watch: ApiWatch) => stream(watch, clock) }
  const end = await followEvents(options, client, clock).catch((error: unknown) => error)
  assert.equal(clock.waiting, 0, 'a timer is left')
  return { heard, end }
}

interface Failure {
  readonly name: string
  readonly object: Readonly<Record<string, unknown>>
  readonly want: object
}

const failures: readonly Failure[] = [
  {
    name: 'with all that the server says',
    object: {
      code: 429,
      reason: 'TooManyRequests',
      message: 'later',
      details: { retryAfterSeconds: 7 },
    },
    want: { status: 429, reason: 'TooManyRequests', retryAfterMs: 7_000 },
  },
  {
    name: 'of a server that says nothing of use',
    object: { code: 'x', reason: 1, details: { retryAfterSeconds: -1 } },
    want: { status: 500, reason: '', retryAfterMs: undefined },
  },
]

describe('followEvents', () => {
  for (const { name, object, want } of failures) {
    it(`ends with an error ${name}, and hears nothing after it`, async () => {
      const { heard, end } = await follow((watch) => {
        watch.onEvent('ADDED', {})
        watch.onEvent('ERROR', object)
        watch.onEvent('ADDED', {})
      })
      assert.deepEqual(heard, ['ADDED'])
      const { status, reason, retryAfterMs } = end as Record<string, unknown>
      assert.deepEqual({ status, reason, retryAfterMs }, want)
    })
  }

  for (const [silenceMs, wasSilent] of [
    [179_999, false],
    [180_000, true],
  ] as const) {
    it(`takes a stream for ${wasSilent ? 'broken' : 'alive'} after ${silenceMs} ms of silence`, async () => {
      const { end } = await follow((watch, clock) => {
        clock.advance(100_000)
        watch.onEvent('BOOKMARK', {})
        clock.advance(silenceMs)
      })
      assert.deepEqual(end, { wasSilent })
    })
  }
})

describe('mayResume', () => {
  for (const [status, want] of [
    [0, true],
    [401, true],
    [429, true],
    [500, true],
    [503, true],
    [504, false],
    [400, false],
    [404, false],
    [410, false],
  ] as const) {
    it(`says ${want ? 'yes' : 'no'} after ${status}`, () => assert.equal(mayResume(status), want))
  }
})
