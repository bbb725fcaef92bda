import type { Labels } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import type { EntryContext } from './entry-context.ts'

/** `spec.workloadSelector`: E1, E2, W1 and W4. */
export function checkSelector(context: EntryContext): Labels | undefined {
  const { spec, resolution, report } = context
  if (!spec.workloadSelector) return undefined
  const path = ['spec', 'workloadSelector']
  const labels = toLabels(spec.workloadSelector.labels)
  checkLabels(labels, context)
  if (spec.endpoints) {
    report.error({
      code: 'E2',
      path,
      message: 'there are both a workloadSelector and endpoints',
      hint: 'Keep one of them; an empty list counts as well.',
    })
  }
  if (labels.size === 0) {
    report.warning({
      code: 'W1',
      path,
      message: 'the selector has no labels, so it selects every workload of the namespace',
      hint: 'Name labels, such as app: web.',
    })
  }
  if (resolution === 'NONE') {
    report.warning({
      code: 'W4',
      path,
      message:
        'with resolution NONE the selected workloads are only what the name resolves to; connections are not balanced',
      hint: 'Set resolution: STATIC.',
    })
  }
  return labels
}

function checkLabels(labels: Labels, { report }: EntryContext): void {
  for (const [key, value] of labels) {
    if (key !== '' && !key.includes('*') && !value.includes('*')) continue
    report.error({
      code: 'E1',
      path: ['spec', 'workloadSelector', 'labels', key],
      message:
        key === '' ? 'a label needs a key' : `"*" is not allowed in a selector (${key}: ${value})`,
      hint: 'Name the label with its exact value.',
    })
  }
}
