/** What a node says of itself, as JSON. */
export type Metadata = Readonly<Record<string, unknown>>

/** Why a value cannot be used; follows the key in a sentence. */
export interface MetadataFault {
  readonly fault: string
}

const trueWords: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falseWords: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export function readText(value: unknown): string | MetadataFault {
  return typeof value === 'string' ? value : { fault: `is ${kindOf(value)}, not a text` }
}

/** A yes or no, which Istio writes as a text. */
export function readFlag(value: unknown): boolean | MetadataFault {
  if (typeof value === 'string') {
    if (trueWords.has(value)) return true
    if (falseWords.has(value)) return false
    return { fault: 'is neither "true" nor "false"' }
  }
  const hint = typeof value === 'boolean' ? '; put it into quotation marks' : ''
  return { fault: `is ${kindOf(value)}, not a text such as "true"${hint}` }
}

export function readTexts(value: unknown): ReadonlyMap<string, string> | MetadataFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: `is ${kindOf(value)}, not a structure of texts` }
  }
  const texts = new Map<string, string>()
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return { fault: `has ${kindOf(text)} at ${key}, not a text` }
    texts.set(key, text)
  }
  return texts
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a structure'
  return `a ${typeof value}`
}
