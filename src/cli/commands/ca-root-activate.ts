import { activateNextRoot } from '../../identity/rotate-root.ts'
import { caPlaceOptions, openCaPlace } from '../ca-place.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

export const command: Command = {
  description:
    'Second step of a rotation: certificates are made under the next root from now on; those of the old one still count. ' +
    'A machine that has not renewed its certificate since the root was added will not believe the controller.',
  operands: [],
  options: caPlaceOptions,
  examples: [{ command: 'meshdns ca root activate', says: 'sign with the root that was added' }],
  async run(invocation) {
    await activateNextRoot(await openCaPlace(invocation))
    invocation.io.stdout.write(
      'The next root signs. When the longest lifetime of a certificate has passed, run: meshdns ca root retire\n',
    )
    return exitCodes.done
  },
}
