import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readPage } from '../http-page.ts'
import { UsageError } from '../usage-error.ts'
import { waitUntil } from '../wait-until.ts'

export const command: Command = {
  description:
    'Waits until the agent beside it answers, and ends: for whoever must not begin before. In injected pods without native sidecars ' +
    'it is what holds the application until its agent is there (holdApplicationUntilProxyStarts). Ends with 3 when it takes too long.',
  operands: [],
  options: [
    {
      flags: '--url <url>',
      summary: 'page that says 200 when the agent is ready',
      fallback: 'http://127.0.0.1:15021/healthz/ready',
    },
    {
      flags: '--timeoutSeconds <number>',
      summary: 'how long to wait at most, in seconds',
      fallback: '60',
    },
  ],
  examples: [{ command: 'meshdns wait --timeoutSeconds 10', says: 'ten seconds at most' }],
  run,
}

async function run({ options, io }: Invocation): Promise<ExitCode> {
  const seconds = Number(options.text('timeoutSeconds'))
  if (!(seconds >= 0)) {
    throw new UsageError('--timeoutSeconds must be a number of seconds', {
      hint: 'Write --timeoutSeconds 60 for a minute.',
    })
  }
  const url = options.text('url') ?? ''
  const isReady = async () => (await readPage(url))?.status === 200
  const waiting = { what: 'for the agent to be ready', limitMs: seconds * 1_000 }
  if (await waitUntil(isReady, waiting, io)) return exitCodes.done
  io.stderr.write(`the agent is not ready after ${seconds} seconds: ${url}\n`)
  return exitCodes.notReady
}
