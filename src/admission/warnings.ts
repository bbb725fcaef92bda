/** What a client is advised to show as one line (Kubernetes: admission webhooks, «Response»). */
const lineLength = 120

/** The API server keeps so much of all warnings together, in characters. */
const maxLength = 4_096

/** Texts as warnings of the API: long ones go on in the next warning, cut between words; too many are counted. */
export function admissionWarnings(texts: readonly string[]): readonly string[] {
  const lines: string[] = []
  let length = 0
  for (const [at, text] of texts.entries()) {
    const pieces = cutAtWords(text)
    const size = pieces.join('').length
    // Room is left for what says that there are more.
    if (length + size > maxLength - lineLength) return [...lines, `and ${texts.length - at} more`]
    lines.push(...pieces)
    length += size
  }
  return lines
}

/** Continuations are indented; a word that is longer than a line is cut like rope. */
function cutAtWords(text: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ').flatMap(cutLong)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= lineLength) {
      line = longer
      continue
    }
    lines.push(line)
    line = `  ${word}`
  }
  return [...lines, line]
}

function cutLong(word: string): readonly string[] {
  const size = lineLength - 2
  const count = Math.max(1, Math.ceil(word.length / size))
  return Array.from({ length: count }, (_, at) => word.slice(at * size, (at + 1) * size))
}
