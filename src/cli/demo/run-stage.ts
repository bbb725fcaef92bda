import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { programPath } from '../../base/program-path.ts'
import { chooseNamespaces, namespaceWords, unshareAt } from '../../sandbox/namespaces.ts'
import { dieWithParent, needSystemProgram } from '../../sandbox/programs.ts'
import { SandboxUnsupportedError } from '../../sandbox/run-in-sandbox.ts'
import { forwardSignals } from '../../sandbox/signals.ts'
import type { CommandIo } from '../command-io.ts'
import type { ExitCode } from '../exit-codes.ts'

/**
 * Runs a program of ours in namespaces of its own, and returns what it exits with.
 * @throws {SandboxUnsupportedError} anywhere but on Linux.
 * @throws {ProgramMissingError} without `unshare`.
 * @throws {NamespacesDeniedError} when no namespaces are to be had.
 */
export async function runStage(source: URL, io: CommandIo): Promise<ExitCode> {
  if (process.platform !== 'linux') throw new SandboxUnsupportedError(process.platform)
  const path = io.env['PATH'] ?? ''
  const unshare = needSystemProgram('unshare', path, 'util-linux')
  const kind = chooseNamespaces(process.getuid?.() ?? 0, unshareAt(unshare))
  const node = [process.execPath, ...process.execArgv]
  const words = [...namespaceWords(kind), ...dieWithParent(path, 'KILL'), ...node]
  const child = spawn(unshare, [...words, programPath(source)], { stdio: 'inherit' })
  forwardSignals(process, (signal) => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
    )
  })
}
