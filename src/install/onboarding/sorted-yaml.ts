import { type Pair, Scalar, stringify } from 'yaml'

/** YAML with its keys in order, letters behind everything else, as Go's tools write it. */
export function sortedYaml(value: unknown): string {
  return stringify(value, {
    sortMapEntries: (a, b) => compareKeys(keyOf(a), keyOf(b)),
    aliasDuplicateObjects: false,
    indentSeq: false,
    lineWidth: 0,
  })
}

function keyOf({ key }: Pair): string {
  return String(key instanceof Scalar ? key.value : key)
}

function compareKeys(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  const [left, right] = [a[at], b[at]]
  if (left === undefined || right === undefined) return a.length - b.length
  if (isLetter(left) !== isLetter(right)) return isLetter(left) ? 1 : -1
  return left < right ? -1 : 1
}

function isLetter(text: string): boolean {
  return /^\p{L}$/u.test(text)
}
