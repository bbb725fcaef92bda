import { constants } from 'node:os'
import { endWithReader } from '../broken-pipe.ts'
import { wantsColor } from '../command-io.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatError, reportOf } from '../print-error.ts'
import { DemoPage } from './demo-page.ts'

/** Plays a demo to its end, and ends this process, with all that it started. */
export async function playDemo(play: (page: DemoPage) => Promise<ExitCode>): Promise<never> {
  endWithReader()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
  const page = new DemoPage(wantsColor(process.stdout, process.env))
  const exitCode = await play(page).catch((error: unknown) => {
    process.stderr.write(formatError(reportOf(error)))
    return exitCodes.failed
  })
  process.exit(exitCode)
}

/** The caller's environment without proxies, which know nothing of the demo's network. */
export function demoEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name))
  return { ...Object.fromEntries(kept), CURL_HOME: folder }
}
