import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { type CaptureChoice, createCapture } from './capture.ts'
import { changeCases } from './change.case.ts'
import { ruleLifeCases } from './rule-life.case.ts'
import { createRunTool } from './run-tool.ts'
import { trafficCases } from './traffic.case.ts'
import { openWorld } from './world.case.ts'

/** One line of output for each case, in order. */
export interface Verdict {
  readonly name: string
  readonly error?: string
}

/** Runs all cases; the program that a test starts in a namespace of its own. */
async function runCases(choice: CaptureChoice): Promise<void> {
  await openWorld()
  const run = createRunTool({ clock: systemClock })
  for (const { name, run: runCase } of ruleLifeCases) await report(name, () => runCase(choice, run))
  for (const { name, plan, run: runCase } of [...trafficCases, ...changeCases]) {
    await report(name, async () => {
      const capture = createCapture(choice, run, silentLog)
      await capture.apply(plan)
      try {
        await runCase(capture)
      } finally {
        await capture.remove()
      }
    })
  }
}

async function report(name: string, run: () => Promise<void>): Promise<void> {
  const verdict: Verdict = await run().then(
    () => ({ name }),
    (error: unknown) => ({
      name,
      error: error instanceof Error ? String(error.stack) : String(error),
    }),
  )
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
}

if (import.meta.main) {
  await runCases(process.argv[2] as CaptureChoice)
  process.exit()
}
