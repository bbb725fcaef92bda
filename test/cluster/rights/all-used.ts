import assert from 'node:assert/strict'
import type { Rule } from '../../../src/install/cluster/render/controller-rules.ts'
import { type Audit, rightUsed } from './audit.ts'
import { rightsOf } from './single-rights.ts'

/** Somebody was refused nothing, and has used every right that there is. */
export async function expectAllUsed(audit: Audit, rules: readonly Rule[]): Promise<void> {
  const granted = rightsOf(rules)
  const deeds = await audit.deeds()
  assert.deepEqual(
    deeds.filter(({ isAllowed }) => !isAllowed),
    [],
  )
  const used = deeds.map((deed) => rightUsed(deed, new Set(granted)))
  assert.deepEqual([...new Set(used)].toSorted(), granted)
}
