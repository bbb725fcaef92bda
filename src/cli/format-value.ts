/** A value as YAML would read it back: bare where that is clear, else as JSON. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[\w./:-]+$/.test(value) && !isOtherwiseRead(value)
    ? value
    : JSON.stringify(value)
}

/** Whether YAML would take the bare text for something else. */
function isOtherwiseRead(text: string): boolean {
  return /^(true|false|null|[-.\d]+)$/.test(text)
}
