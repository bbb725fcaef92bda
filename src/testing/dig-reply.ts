/** What `dig` printed of one reply. */
export interface DigReply {
  /** The rcode's name, such as NOERROR. */
  readonly status: string
  readonly flags: readonly string[]
  /** `OWNER TYPE DATA` in order; the life times are left out. */
  readonly answer: readonly string[]
  readonly authority: readonly string[]
  readonly additional: readonly string[]
  /** Extended errors, such as `23 (Network Error): (no reply in time)`. */
  readonly extendedErrors: readonly string[]
  readonly octets: number
  readonly text: string
}

/**
 * Reads the output of `dig`.
 * @throws {Error} when there is no reply in it.
 */
export function readDig(text: string): DigReply {
  const [, status] = /status: ([^,]+),/.exec(text) ?? []
  const [, flags = ''] = /;; flags: ([\w ]*);/.exec(text) ?? []
  if (status === undefined) throw new Error(`dig heard nothing:\n${text}`)
  return {
    status,
    flags: flags.split(' ').filter((flag) => flag !== ''),
    answer: section(text, 'ANSWER'),
    authority: section(text, 'AUTHORITY'),
    additional: section(text, 'ADDITIONAL'),
    extendedErrors: [...text.matchAll(/^; EDE: (.*)$/gm)].map(([, said = '']) => said),
    octets: Number(/MSG SIZE\s+rcvd: (\d+)/.exec(text)?.[1]),
    text,
  }
}

/**
 * Reads the output of `dig +short`, sorted, in one line.
 *
 * A try that failed before one that did not is told there, too, and is left out.
 */
export function readShortDig(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(;; communications error .*)?$/.test(line))
  return lines.sort().join(' ')
}

/** The data of an answer's records, all of one type, sorted. */
export function dataOf({ answer }: DigReply): readonly string[] {
  return answer.map((record) => record.split(' ').slice(2).join(' ')).sort()
}

function section(text: string, name: string): string[] {
  const [, lines = ''] = new RegExp(`^;; ${name} SECTION:\\n((?:.+\\n)*)`, 'm').exec(text) ?? []
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [owner, , , ...rest] = line.split(/\s+/)
      return [owner, ...rest].join(' ')
    })
}
