import { spawnSync } from 'node:child_process'
import { CodedError } from '../../base/coded-error.ts'

/** The demo's network could not be made. */
export class DemoNetworkError extends CodedError {
  override readonly code = 'CLI_DEMO_NETWORK'

  constructor(argv: readonly string[], words: string) {
    super(`the demo's private network could not be made: ${argv.join(' ')}: ${words}`, {
      hint: 'The demo needs network namespaces and iproute2; see docs/laptop.md.',
    })
  }
}

/** @throws {DemoNetworkError} when the program does not end well. */
export function execute(argv: readonly string[], input = ''): void {
  const [program = '', ...words] = argv
  const { status, stderr, error } = spawnSync(program, words, { input, encoding: 'utf8' })
  if (status !== 0) throw new DemoNetworkError(argv, error?.message ?? stderr.trim())
}
