import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { programPath } from '../../base/program-path.ts'
import { chooseNamespaces, namespaceWords, unshareAt } from '../../sandbox/namespaces.ts'
import { dieWithParent, needSystemProgram } from '../../sandbox/programs.ts'
import { SandboxUnsupportedError } from '../../sandbox/run-in-sandbox.ts'
import { forwardSignals } from '../../sandbox/signals.ts'
import type { Command, Invocation } from '../command.ts'
import type { ExitCode } from '../exit-codes.ts'

export const command: Command = {
  description:
    'Shows names, virtual addresses and connections at work: builds a private network with a few small services, ' +
    'and runs real commands (dig, curl) in it with the entries of the folder examples. Needs no root, changes ' +
    'nothing on the machine and leaves nothing behind. Ends with 1 when something is not as it should be.',
  operands: [],
  options: [],
  examples: [{ command: 'meshdns demo', says: 'takes a few seconds' }],
  run,
}

async function run({ io }: Invocation): Promise<ExitCode> {
  if (process.platform !== 'linux') throw new SandboxUnsupportedError(process.platform)
  const path = io.env['PATH'] ?? ''
  const unshare = needSystemProgram('unshare', path, 'util-linux')
  const kind = chooseNamespaces(process.getuid?.() ?? 0, unshareAt(unshare))
  const stage = programPath(new URL('../demo/stage.ts', import.meta.url))
  const node = [process.execPath, ...process.execArgv]
  const words = [...namespaceWords(kind), ...dieWithParent(path, 'KILL'), ...node, stage]
  const child = spawn(unshare, words, { stdio: 'inherit' })
  forwardSignals(process, (signal) => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
    )
  })
}
