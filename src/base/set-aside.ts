import { rename } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import { reasonOf } from './reason-of.ts'

/**
 * Gives a file that cannot be used a name that says why and when, so that it is in nobody's way and
 * not lost. The result is the new name, or for people why there is none.
 */
export async function setAside(file: string, suffix: string, clock: Clock): Promise<string> {
  const time = new Date(clock.wall()).toISOString().replaceAll(':', '-')
  const aside = `${file}.${suffix}-${time}`
  return rename(file, aside).then(
    () => aside,
    (error: unknown) => `nowhere, as that failed (${reasonOf(error)})`,
  )
}
