import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OneAtATime } from './one-at-a-time.ts'

describe('OneAtATime', () => {
  it('lets all who ask during a run share the next one', async () => {
    const { tasks, queue, endRun } = start()
    const first = queue.run()
    await turn()
    const [second, third] = [queue.run(), queue.run()]
    assert.equal(tasks.length, 1)
    endRun()
    await first
    await turn()
    assert.equal(tasks.length, 2)
    endRun()
    await Promise.all([second, third])
    assert.equal(tasks.length, 2)
  })

  it('runs again when it is asked after the end', async () => {
    const { tasks, queue, endRun } = start()
    for (const count of [1, 2, 3]) {
      const run = queue.run()
      await turn()
      assert.equal(tasks.length, count)
      endRun()
      await run
    }
  })

  it('goes on after a run that failed, and tells only those who waited for it', async () => {
    let runs = 0
    const queue = new OneAtATime(async () => {
      runs += 1
      if (runs === 1) throw new Error('the first fails')
    })
    const first = assert.rejects(queue.run(), /the first fails/)
    await Promise.resolve()
    const second = queue.run()
    await first
    await second
    assert.equal(runs, 2)
  })

  it('is idle when the last of all runs has ended', async () => {
    const { tasks, queue, endRun } = start()
    await queue.idle()
    queue.run()
    await turn()
    queue.run()
    let isIdle = false
    const idle = queue.idle().then(() => (isIdle = true))
    endRun()
    await turn()
    assert.equal(isIdle, false)
    endRun()
    await idle
    assert.equal(tasks.length, 2)
  })
})

/** A queue whose runs end when the test says so. */
function start() {
  const tasks: (() => void)[] = []
  const queue = new OneAtATime(() => new Promise<void>((resolve) => tasks.push(resolve)))
  return { tasks, queue, endRun: () => tasks.at(-1)?.() }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
