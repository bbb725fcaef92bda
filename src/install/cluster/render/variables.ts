import type { PlainMap } from '../../../documents/plain-map.ts'

/** Variables of a container; of a name that is said twice the last one counts. */
export function oneOfEachName(variables: readonly PlainMap[]): readonly PlainMap[] {
  return [...new Map(variables.map((variable) => [variable['name'], variable])).values()]
}
