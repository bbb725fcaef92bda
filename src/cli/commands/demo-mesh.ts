import type { Command } from '../command.ts'
import { runStage } from '../demo/run-stage.ts'

export const command: Command = {
  description:
    'Shows a mesh at work: builds a private network with a controller, two machines and a few small services; ' +
    'installs the controller from an IstioOperator, onboards both machines, asks and connects on each, changes a ServiceEntry and ' +
    'says when each had it, kills the controller and starts it again. Real commands and their real output. Needs no root, changes ' +
    'nothing on the machine and leaves nothing behind. Ends with 1 when something is not as it should be.',
  operands: [],
  options: [],
  examples: [{ command: 'meshdns demo mesh', says: 'takes about ten seconds' }],
  run: ({ io }) => runStage(new URL('../demo/mesh/stage.ts', import.meta.url), io),
}
