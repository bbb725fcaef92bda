const dot = 0x2e
const backslash = 0x5c

/** Most characters that the text of a name can take: every octet as `\DDD`. */
export const maxNameText = 4 * 255

/** Puts one octet of a label as text (RFC 1035 §5.1) into `into` at `at`; says where the next goes. */
export function putEscaped(into: Uint8Array, at: number, octet: number): number {
  if (octet > 0x20 && octet < 0x7f && octet !== dot && octet !== backslash) {
    into[at] = octet
    return at + 1
  }
  into[at] = backslash
  if (octet === dot || octet === backslash) {
    into[at + 1] = octet
    return at + 2
  }
  into[at + 1] = 0x30 + Math.floor(octet / 100)
  into[at + 2] = 0x30 + (Math.floor(octet / 10) % 10)
  into[at + 3] = 0x30 + (octet % 10)
  return at + 4
}

/** The octet that the text means at `at`; -1 when it means none. */
export function octetAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code !== backslash) return code > 0x20 && code < 0x7f ? code : -1
  if (!isDigit(text.charCodeAt(at + 1))) {
    const escaped = text.charCodeAt(at + 1)
    return escaped >= 0x20 && escaped < 0x7f ? escaped : -1
  }
  const digits = text.slice(at + 1, at + 4)
  return /^\d{3}$/.test(digits) && Number(digits) <= 255 ? Number(digits) : -1
}

/** How many characters of the text `octetAt` looked at. */
export function widthAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== backslash) return 1
  return isDigit(text.charCodeAt(at + 1)) ? 4 : 2
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
