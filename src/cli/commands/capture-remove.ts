import { silentLog } from '../../base/log.ts'
import { type CaptureChoice, createCapture } from '../../capture/capture.ts'
import { backendOption } from '../capture-words.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { ruleTool } from '../rule-tool.ts'

export const command: Command = {
  description:
    'Takes the rules away that `meshdns capture apply` has set, or an agent that was killed has left. Nobody else’s rules are touched.',
  operands: [],
  options: [backendOption],
  examples: [{ command: 'meshdns capture remove', says: 'of nftables and iptables alike' }],
  run,
}

async function run({ options, io }: Invocation): Promise<ExitCode> {
  const backend = (options.text('backend') ?? 'auto') as CaptureChoice
  await createCapture(backend, ruleTool(io), silentLog).remove()
  return exitCodes.done
}
