/** A part of a file that begins a line, and holds one or several YAML documents. */
export interface Chunk {
  readonly text: string
  /** Of its first character in the file, counted from 1. */
  readonly line: number
}

const marker = /(?:^|\n)(?=---(?:[ \t\r\n]|$))/g

/**
 * Cuts a file at its `---` lines, so that a mistake in one document cannot spoil the next.
 *
 * That is safe because no scalar may hold such a line (YAML 1.2.2 §9.1.2). A file with directives
 * stays whole: they stand before the marker of the document that they belong to.
 */
export function splitDocuments(text: string): Chunk[] {
  if (/(?:^|\n)%/.test(text)) return [{ text, line: 1 }]
  const chunks: Chunk[] = []
  let start = 0
  let line = 1
  const cut = (end: number) => {
    const part = text.slice(start, end)
    if (part !== '') chunks.push({ text: part, line })
    line += countLineFeeds(part)
    start = end
  }
  for (const match of text.matchAll(marker)) cut(match.index + match[0].length)
  cut(text.length)
  return chunks
}

function countLineFeeds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
