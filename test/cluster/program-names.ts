import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the module with Kubernetes' version is. */
export const programModule = fileURLToPath(new URL('./programs', import.meta.url))

export const corednsVersion = 'v1.14.7'

/** What a test cluster consists of, besides `etcd`. */
export const programNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
  'coredns',
] as const
export type ProgramName = (typeof programNames)[number]

export function missingPrograms(folder: string): readonly ProgramName[] {
  return programNames.filter((name) => !existsSync(join(folder, name)))
}
