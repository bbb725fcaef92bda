import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health, type HealthSpec } from './health.ts'

const spec: HealthSpec = { code: 'X', severity: 'degraded', title: 'x is bad', hint: 'mend x' }

describe('health', () => {
  it('tells each problem once when it comes, when it changes and when it goes', () => {
    const heard: string[] = []
    const health = new Health(({ detail }, present) =>
      heard.push(`${present ? '+' : '-'}${detail}`),
    )
    health.set(spec, 'one')
    health.set(spec, 'one')
    health.set(spec, 'two')
    health.clear(spec)
    health.clear(spec)
    assert.deepEqual(heard, ['+one', '+two', '-two'])
  })

  it('keeps several subjects of one kind apart', () => {
    const health = new Health()
    health.set(spec, 'a is bad', 'a')
    health.set(spec, 'b is bad', 'b')
    health.clear(spec, 'a')
    assert.deepEqual(health.items(), [{ ...spec, detail: 'b is bad' }])
  })
})
