import { addNextRoot } from '../../identity/rotate-root.ts'
import { caPlaceOptions, openCaPlace } from '../ca-place.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

export const command: Command = {
  description:
    'First step of a rotation: makes the next root, which is trusted from now on and signs nothing yet. ' +
    'The controller sees it by itself; machines learn of it with their next certificate.',
  operands: [],
  options: caPlaceOptions,
  examples: [{ command: 'meshdns ca root add', says: 'begin to rotate the root' }],
  async run(invocation) {
    await addNextRoot(await openCaPlace(invocation), invocation.io.clock.wall())
    invocation.io.stdout.write(
      'A next root is trusted. When every machine has renewed its certificate (half of its lifetime, and a tenth more), run: meshdns ca root activate\n',
    )
    return exitCodes.done
  },
}
