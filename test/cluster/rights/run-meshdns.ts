import { join } from 'node:path'
import { root } from '../../architecture/tree.ts'
import { type ProgramOutcome, runProgram } from '../run-program.ts'
import type { TestCluster } from '../start-cluster.ts'

/** Runs our program as somebody who may do everything in the cluster. */
export function runMeshdns(
  { kubeconfig }: Pick<TestCluster, 'kubeconfig'>,
  words: readonly string[],
): Promise<ProgramOutcome> {
  const argv = [process.execPath, join(root, 'src/cli/main.ts'), ...words]
  return runProgram([...argv, '--kubeconfig', kubeconfig])
}
