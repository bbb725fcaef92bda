/** What a text says as Go reads booleans, in any case, with nothing for no; `undefined` when it is none. */
export function tryParseBoolean(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true
  return /^(0|f|false|)$/i.test(text) ? false : undefined
}
