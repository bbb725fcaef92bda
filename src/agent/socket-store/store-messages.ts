/** What an agent asks of a store, in lines of JSON; each is answered by one line, in turn. */
export type StoreRequest =
  /** Which keys are held. */
  | { readonly do: 'list' }
  /** Holds what came by post under the key; what was held under it goes. */
  | { readonly do: 'hold'; readonly key: string; readonly pod: string; readonly note: string }
  /** Copies go back by post. */
  | { readonly do: 'take'; readonly key: string }
  | { readonly do: 'drop'; readonly key: string }
  /** The agent serves all that it has taken. */
  | { readonly do: 'serving' }

export interface StoreReply {
  /** What kept it from being done. */
  readonly fault?: string
  readonly keys?: readonly string[]
  readonly note?: string
}

export const maxRequestOctets = 65_536
export const maxReplyOctets = 1_048_576

/** `undefined` for what is none. */
export function readRequest(line: string): StoreRequest | undefined {
  const { do: what, key, pod, note } = readMap(line)
  switch (what) {
    case 'list':
    case 'serving':
      return { do: what }
    case 'take':
    case 'drop':
      return isWord(key) ? { do: what, key } : undefined
    case 'hold':
      if (!isWord(key) || !isWord(pod) || typeof note !== 'string') return undefined
      return { do: what, key, pod, note }
    default:
      return undefined
  }
}

/** `undefined` for what is none. */
export function readReply(line: string): StoreReply | undefined {
  const { fault, keys, note } = readMap(line)
  if (typeof fault === 'string') return { fault }
  return {
    ...(Array.isArray(keys) ? { keys: keys.filter(isWord) } : {}),
    ...(typeof note === 'string' ? { note } : {}),
  }
}

/** Without zod, which is as large as all else that a store loads. */
function readMap(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[-\w./]{1,200}$/.test(value)
}
