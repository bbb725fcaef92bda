import { retireOldRoots } from '../../identity/rotate-root.ts'
import { caPlaceOptions, longestCertificateOption, openCaPlace } from '../ca-place.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Third step of a rotation: only the root that signs is trusted from now on. ' +
    'Refused while certificates of another root may still count.',
  operands: [],
  options: [...caPlaceOptions, longestCertificateOption],
  examples: [{ command: 'meshdns ca root retire', says: 'trust the old roots no longer' }],
  async run(invocation) {
    const { io, options } = invocation
    const text = options.text('longest-certificate') ?? longestCertificateOption.fallback ?? ''
    if (!/^\d{1,9}$/.test(text)) {
      throw new UsageError(`${text} is no number of seconds`, {
        hint: 'Give the longest lifetime in seconds, such as --longest-certificate 86400.',
      })
    }
    await retireOldRoots(await openCaPlace(invocation), io.clock.wall(), Number(text))
    io.stdout.write('Only the root that signs is trusted.\n')
    return exitCodes.done
  },
}
