import type { Command } from '../command.ts'
import { runStage } from '../demo/run-stage.ts'

export const command: Command = {
  description:
    'Shows names, virtual addresses and connections at work: builds a private network with a few small services, ' +
    'and runs real commands (dig, curl) in it with the entries of the folder examples. Needs no root, changes ' +
    'nothing on the machine and leaves nothing behind. Ends with 1 when something is not as it should be.',
  operands: [],
  options: [],
  examples: [{ command: 'meshdns demo', says: 'takes a few seconds' }],
  run: ({ io }) => runStage(new URL('../demo/stage.ts', import.meta.url), io),
}
