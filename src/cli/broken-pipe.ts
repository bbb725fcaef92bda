import { exitCodes } from './exit-codes.ts'

/** Has the process end when nobody reads its output any more: `| head` has seen enough, and that is no failure. */
export function endWithReader(): void {
  onBrokenPipe(() => process.exit(exitCodes.done))
}

/** Has the process go on when nobody reads its output any more. */
export function ignoreBrokenPipe(): void {
  onBrokenPipe(() => {})
}

function onBrokenPipe(react: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      react()
    })
  }
}
