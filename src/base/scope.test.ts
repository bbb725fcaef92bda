import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Log, silentLog } from './log.ts'
import { Scope } from './scope.ts'

describe('a scope', () => {
  it('stops what it started, last first, each once', async () => {
    const stopped: string[] = []
    const scope = new Scope(silentLog)
    for (const name of ['a', 'b']) {
      await scope.start(name, () => ({
        async stop() {
          stopped.push(name)
        },
      }))
    }
    scope.onStop('c', () => {
      stopped.push('c')
    })
    await scope.stop()
    await scope.stop()
    assert.deepEqual(stopped, ['c', 'b', 'a'])
  })

  it('keeps nothing of what could not be started whole', async () => {
    const stopped: string[] = []
    const scope = new Scope(silentLog)
    const started = scope.whole(async () => {
      scope.onStop('first', () => {
        stopped.push('first')
      })
      throw new Error('no')
    })
    await assert.rejects(started, { message: 'no' })
    assert.deepEqual(stopped, ['first'])
  })

  it('goes on stopping when one part fails to, and says so', async () => {
    const stopped: string[] = []
    const errors: string[] = []
    const log: Log = {
      ...silentLog,
      error: ({ name }, message) => errors.push(`${name} ${message}`),
    }
    const scope = new Scope(log)
    scope.onStop('first', () => {
      stopped.push('first')
    })
    scope.onStop('broken', () => {
      throw new Error('no')
    })
    await scope.stop()
    assert.deepEqual(stopped, ['first'])
    assert.deepEqual(errors, ['broken did not stop cleanly'])
  })

  it('does not stop what never started', async () => {
    const scope = new Scope(silentLog)
    await assert.rejects(
      scope.start('a', () => Promise.reject(new Error('no'))),
      /no/,
    )
    await scope.stop()
  })
})
