import { findSystemProgram } from '../../src/sandbox/programs.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'

const programs = 'unshare nsenter ip nft dig curl getent python3 psql'.split(' ')

/** Why commands cannot be run in a mesh here; `false` when they can. Says it aloud, too. */
export function runTestsSkip(): string | false {
  const missing = programs.filter(
    (name) => findSystemProgram(name, process.env['PATH'] ?? '') === undefined,
  )
  const reason = missing.length > 0 ? `needs ${missing.join(', ')}` : privateNetworksSkip()
  if (reason !== false) process.stderr.write(`NOT CHECKED: meshdns run: ${reason}\n`)
  return reason
}
