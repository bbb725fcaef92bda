import { z } from 'zod'
import { debugPage } from '../admin/pages.ts'
import type { Route } from '../admin/route.ts'
import type { OptionsSource } from './live-options.ts'

const OptionFact = z.object({
  option: z.string(),
  /** Missing where it has none. */
  value: z.unknown().optional(),
  /** For people: a flag, a variable, or a file with its line; `default` where nobody gave it. */
  from: z.string(),
  beat: z.array(z.object({ value: z.unknown(), from: z.string() })),
})
/** One option of an agent, where it was given, and what it beat. */
export type OptionFact = z.output<typeof OptionFact>

/** All options of an agent. */
export const OptionsPage = z.object({ options: z.array(OptionFact) })

/** As they would be read now: health item `AGENT_RESTART_NEEDED` says what of it is not in force yet. */
export function optionsPage(source: OptionsSource | undefined): Route {
  return debugPage('Every option, where it comes from and what it beats.', () => {
    const options = source?.describe?.()
    return options && { options }
  })
}
