/**
 * The beginning of a text that somebody else wrote, for keeping.
 *
 * A text of its own: a mere slice would keep the whole one in memory.
 */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text
  return Buffer.from(text.slice(0, characters)).toString()
}
