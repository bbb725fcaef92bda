import { closestWord } from '../../base/closest-word.ts'

/** The name of an enumeration's value that was given as name or number; `undefined` when it is neither. */
export function nameOfValue<Name extends string>(
  names: readonly Name[],
  value: string | number | null | undefined,
): Name | undefined {
  if (value === null || value === undefined) return names[0]
  if (typeof value === 'number') return names[value]
  return names.find((name) => name === value)
}

/** What to write instead of a value that is not in the enumeration. */
export function hintForValue(names: readonly string[], value: string | number): string {
  const meant = typeof value === 'string' ? closestWord(value, names) : undefined
  return meant === undefined ? `Write one of ${names.join(', ')}.` : `Did you mean ${meant}?`
}
