import { CodedError } from '../base/coded-error.ts'
import { formatFinding } from '../documents/finding.ts'
import type { OnboardingSource } from '../install/onboarding/source.ts'
import type { WorkloadGroup } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import type { Invocation } from './command.ts'
import { readInput } from './read-input.ts'
import { printableLines } from './table.ts'
import { UsageError } from './usage-error.ts'

/** There is no WorkloadGroup where one was said to be, or it makes no sense. */
export class WorkloadGroupError extends CodedError {
  override readonly code = 'CLI_WORKLOAD_GROUP'
}

/**
 * The group that the invocation names, by file or by name.
 * @throws {UsageError} when it names none.
 * @throws {WorkloadGroupError} when there is no such group.
 */
export async function findWorkloadGroup(
  { options, io }: Invocation,
  source: OnboardingSource,
): Promise<WorkloadGroup> {
  const [file, name, namespace] = ['file', 'name', 'namespace'].map((word) => options.text(word))
  if (file !== undefined) return await readGroup(file, namespace ?? 'default', io)
  if (name === undefined || namespace === undefined) {
    throw new UsageError('no WorkloadGroup is named', {
      hint: 'Name its file with -f FILE, or one that the controller reads with --name NAME -n NAMESPACE.',
    })
  }
  for (const object of await source.objects(namespace)) {
    const { kind, meta } = object
    if (kind === 'WorkloadGroup' && meta.name === name && meta.namespace === namespace)
      return object
  }
  throw new WorkloadGroupError(`there is no WorkloadGroup ${namespace}/${name}`, {
    hint: 'See `kubectl get workloadgroups -A`, or the folder of objects of the controller; or name a file with -f FILE.',
  })
}

async function readGroup(
  file: string,
  defaultNamespace: string,
  io: Invocation['io'],
): Promise<WorkloadGroup> {
  const { documents, findings } = await readInput([file], io.stdin)
  const parsed = documents.map((document) => parseObject(document, { defaultNamespace }))
  const all = [...findings, ...parsed.flatMap((one) => one.findings)]
  const errors = all.filter(({ severity }) => severity === 'error')
  for (const finding of all.filter(({ severity }) => severity === 'warning')) {
    io.stderr.write(`${printableLines(formatFinding(finding))}\n`)
  }
  if (errors.length > 0) {
    throw new WorkloadGroupError(errors.map(formatFinding).join('\n'), {
      hint: `See: meshdns validate -f ${file}`,
    })
  }
  const groups = parsed.flatMap(({ object }) => (object?.kind === 'WorkloadGroup' ? [object] : []))
  const [group] = groups
  if (group && groups.length === 1) return group
  throw new WorkloadGroupError(`${file} holds ${groups.length} WorkloadGroups, not one`, {
    hint: 'Give each group a file; meshdns workload group create prints one.',
  })
}
