import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../../base/health.ts'
import { KindHealth } from './kind-health.ts'

type Step = 'failed' | 'forbidden' | 'well'

interface Case {
  readonly name: string
  readonly steps: readonly Step[]
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'nothing of one failure', steps: ['failed'], want: [] },
  { name: 'that it fails again', steps: ['failed', 'failed'], want: ['KUBERNETES_NOT_FOLLOWED'] },
  {
    name: 'nothing of failures with a success between',
    steps: ['failed', 'well', 'failed'],
    want: [],
  },
  {
    name: 'that it is forbidden, and no longer that it failed',
    steps: ['failed', 'failed', 'forbidden'],
    want: ['KUBERNETES_FORBIDDEN'],
  },
  { name: 'nothing when all is well', steps: ['failed', 'failed', 'forbidden', 'well'], want: [] },
]

describe('KindHealth says', () => {
  for (const { name, steps, want } of cases) {
    it(name, () => {
      const health = new Health()
      const kind = { group: '', versions: ['v1'], plural: 'pods' } as const
      const other = new KindHealth({ kind, namespace: 'other' }, health)
      const own = new KindHealth({ kind, namespace: 'ns1' }, health)
      for (const step of steps) own[step]('no answer')
      other.well()
      assert.deepEqual(
        health.items().map(({ code }) => code),
        want,
      )
    })
  }
})
