import { isPlainMap, type PlainMap, textAt } from '../../documents/plain-map.ts'

/** What became different. */
export interface HeldChange<T> {
  /** New, or another than before. */
  readonly put: readonly T[]
  /** As they were last. */
  readonly gone: readonly T[]
}

interface Identity {
  /** `NAMESPACE/NAME`; `/NAME` for what is in no namespace. */
  readonly key: string
  readonly version: string
}

const asItWas = Symbol('as it was')

/** The objects of a kind as they were last seen, in the form that somebody made of them. */
export class HeldObjects<T> {
  readonly #project: (raw: PlainMap) => T | undefined
  readonly #onFault: (key: string, error: unknown) => void
  readonly #items = new Map<string, T>()
  /** The resourceVersion of each, so that a list tells what it changes. */
  readonly #versions = new Map<string, string>()

  /** `project` gives `undefined` for what nobody wants; where it throws, `onFault` hears of it. */
  constructor(
    project: (raw: PlainMap) => T | undefined,
    onFault: (key: string, error: unknown) => void,
  ) {
    this.#project = project
    this.#onFault = onFault
  }

  items(): ReadonlyMap<string, T> {
    return this.#items
  }

  /** Takes an event; `undefined` when it changes nothing, or is of a type that nobody knows. */
  take(type: string, raw: PlainMap): HeldChange<T> | undefined {
    const identity = identify(raw)
    if (!identity) return undefined
    const { key, version } = identity
    if (type === 'DELETED') return this.#drop(key)
    if (type !== 'ADDED' && type !== 'MODIFIED') return undefined
    if (this.#versions.get(key) === version) return undefined
    const item = this.#read(key, raw)
    if (item === asItWas) return undefined
    if (item === undefined) return this.#drop(key)
    this.#items.set(key, item)
    this.#versions.set(key, version)
    return { put: [item], gone: [] }
  }

  /** Begins to take a list of everything; nothing changes before `finish`. */
  beginList(): { readonly take: (raw: PlainMap) => void; readonly finish: () => HeldChange<T> } {
    const unchanged = new Set<string>()
    const put = new Map<string, { readonly item: T; readonly version: string }>()
    return {
      take: (raw) => {
        const identity = identify(raw)
        if (!identity) return
        const { key, version } = identity
        if (this.#versions.get(key) === version) {
          unchanged.add(key)
          return
        }
        const item = this.#read(key, raw)
        if (item === asItWas) unchanged.add(key)
        else if (item !== undefined) put.set(key, { item, version })
      },
      finish: () => {
        const lost = [...this.#items.keys()].filter((key) => !unchanged.has(key) && !put.has(key))
        const gone = lost.flatMap((key) => this.#drop(key)?.gone ?? [])
        for (const [key, { item, version }] of put) {
          this.#items.set(key, item)
          this.#versions.set(key, version)
        }
        return { put: [...put.values()].map(({ item }) => item), gone }
      },
    }
  }

  /** `asItWas` when it cannot be read. */
  #read(key: string, raw: PlainMap): T | undefined | typeof asItWas {
    try {
      return this.#project(raw)
    } catch (error) {
      this.#onFault(key, error)
      return asItWas
    }
  }

  #drop(key: string): HeldChange<T> | undefined {
    const item = this.#items.get(key)
    this.#versions.delete(key)
    if (item === undefined) return undefined
    this.#items.delete(key)
    return { put: [], gone: [item] }
  }
}

function identify({ metadata }: PlainMap): Identity | undefined {
  if (!isPlainMap(metadata)) return undefined
  const { name, resourceVersion } = metadata
  if (typeof name !== 'string' || typeof resourceVersion !== 'string') return undefined
  return { key: `${textAt(metadata, 'namespace')}/${name}`, version: resourceVersion }
}
