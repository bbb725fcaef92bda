import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { Debounce } from './debounce.ts'

interface Case {
  readonly name: string
  /** When something changes, in milliseconds. */
  readonly changes: readonly number[]
  readonly acts: readonly number[]
}

const cases: readonly Case[] = [
  { name: 'a single change at once', changes: [5], acts: [5] },
  { name: 'changes far apart at once, each', changes: [0, 50, 100], acts: [0, 50, 100] },
  { name: 'a second one after it was quiet for 10 ms', changes: [0, 4], acts: [0, 14] },
  { name: 'several that follow closely together', changes: [0, 4, 8, 12, 16], acts: [0, 26] },
  { name: 'an endless row of them every 100 ms', changes: every(8, 240), acts: [0, 108, 212, 250] },
  { name: 'nothing more when nothing more changes', changes: [0, 1], acts: [0, 11] },
]

function every(stepMs: number, untilMs: number): number[] {
  return Array.from({ length: untilMs / stepMs + 1 }, (_, at) => at * stepMs)
}

describe('Debounce', () => {
  for (const { name, changes, acts } of cases) {
    it(`acts upon ${name}`, () => {
      const clock = new FakeClock()
      const acted: number[] = []
      const options = { quietMs: 10, maxDelayMs: 100 }
      const debounce = new Debounce(clock, options, () => acted.push(clock.now()))
      for (const at of changes) clock.after(at, () => debounce.touch())
      clock.advance(500)
      assert.deepEqual(acted, acts)
    })
  }

  it('does nothing more once it is stopped', () => {
    const clock = new FakeClock()
    let acted = 0
    const debounce = new Debounce(clock, { quietMs: 10, maxDelayMs: 100 }, () => {
      acted += 1
    })
    debounce.touch()
    debounce.touch()
    debounce.stop()
    clock.advance(500)
    assert.equal(acted, 1)
  })
})
