import { silentLog } from '../../base/log.ts'
import { type CaptureChoice, createCapture } from '../../capture/capture.ts'
import { createRunTool } from '../../capture/run-tool.ts'
import { backendOption } from '../capture-words.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'

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
  const run = createRunTool({ clock: io.clock, path: io.env['PATH'] ?? '' })
  await createCapture(backend, run, silentLog).remove()
  return exitCodes.done
}
