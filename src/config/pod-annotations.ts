/** One annotation of a file that Kubernetes writes into a pod. */
export interface PodAnnotation {
  readonly value: string
  /** Counted from 1. */
  readonly line: number
}

/**
 * Reads the annotations of the downward API: one `NAME="VALUE"` a line, quoted as Go does (`%q`).
 *
 * Lines that are no such thing are passed over.
 */
export function parsePodAnnotations(text: string): ReadonlyMap<string, PodAnnotation> {
  const annotations = new Map<string, PodAnnotation>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, name, quoted] = /^([^=\s]+)=(".*")\s*$/.exec(line) ?? []
    const value = quoted === undefined ? undefined : tryUnquote(quoted)
    if (name !== undefined && value !== undefined) annotations.set(name, { value, line: index + 1 })
  }
  return annotations
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function tryUnquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1)
  if (!/^(?:[^"\\]|\\(?:[abfnrtv"\\]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}))*$/i.test(inner)) {
    return undefined
  }
  return inner.replace(
    /\\(?:([abfnrtv])|["\\]|x(..)|u(.{4})|U(.{8}))/g,
    (whole, letter?: string, ...codes: (string | undefined)[]) => {
      if (letter !== undefined) return escapes[letter] ?? letter
      const code = codes.slice(0, 3).find((one) => one !== undefined)
      if (code === undefined) return whole.slice(1)
      const point = Number.parseInt(code, 16)
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : '\u{fffd}'
    },
  )
}
