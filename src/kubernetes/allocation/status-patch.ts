import type { DesiredStatus, StatusAddress } from './desired-status.ts'
import type { AllocationEntry } from './entry.ts'
import { conditionType } from './entry-status.ts'

/** One step of a JSON Patch (RFC 6902 §4). */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/**
 * What turns the status of an entry into what it shall be; empty when it is so.
 *
 * Holds for the version that was read and for no other, so that places in lists are right. Each step is
 * possible by RFC 6902: nothing is replaced or tested that is not there, and `add` replaces a member (§4.1).
 * Members and conditions of others are not touched.
 */
export function patchOfStatus(
  { resourceVersion, status }: AllocationEntry,
  desired: DesiredStatus,
  time: string,
): readonly PatchOperation[] {
  const steps: PatchOperation[] = []
  if (!isSame(status.addresses, desired.addresses)) {
    steps.push({ op: 'add', path: '/status/addresses', value: desired.addresses })
  }
  const at = `/status/conditions/${status.conditionAt}`
  const { condition: before, conditionAt } = status
  const { condition } = desired
  if (!condition && before) steps.push({ op: 'remove', path: at })
  if (condition && !(before && isSameCondition(condition, before))) {
    const lastTransitionTime =
      before?.status === condition.status ? before.lastTransitionTime : time
    const value = { type: conditionType, ...condition, lastTransitionTime }
    if (status.conditions === undefined) {
      steps.push({ op: 'add', path: '/status/conditions', value: [value] })
    } else if (conditionAt < 0) steps.push({ op: 'add', path: '/status/conditions/-', value })
    else steps.push({ op: 'replace', path: at, value })
  }
  if (steps.length === 0) return []
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(status.exists ? [] : [{ op: 'add', path: '/status', value: {} } as const]),
    ...steps,
  ]
}

/** Whether the same addresses stand there for the same hosts, in whatever order. */
function isSame(standing: readonly string[], desired: readonly StatusAddress[]): boolean {
  if (standing.length !== desired.length) return false
  const texts = new Set(standing)
  return (
    texts.size === desired.length &&
    desired.every(({ value, host }) => texts.has(`${value} ${host}`))
  )
}

type Said = NonNullable<DesiredStatus['condition']>

function isSameCondition(a: Said, b: Said): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  )
}
