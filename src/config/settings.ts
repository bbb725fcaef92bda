import type { Path } from '../documents/path.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { type Layer } from './layer.ts'

/** One effective value, with everything that it came from. */
export interface Setting {
  readonly path: Path
  /** A plain value: a text, a number, a boolean, or a list. */
  readonly value: unknown
  readonly origin: Origin
  /** Values of lower layers that it stands in for, the nearest first. */
  readonly beat: readonly Beaten[]
}

export interface Beaten {
  readonly value: unknown
  readonly origin: Origin
}

/** Where a value was written: a path of a layer. */
export interface Origin {
  readonly layer: Layer
  readonly path: Path
}

/** Layers put together. */
export interface Settings {
  /** Every value that is not a map, by first appearance. */
  readonly list: readonly Setting[]
  /** The same as one tree. */
  readonly tree: unknown
}

/**
 * Puts layers together, the lowest first: maps key by key, everything else replaced whole.
 *
 * A null says nothing. `whole` names the maps that are replaced whole as well.
 */
export function mergeLayers(
  layers: readonly Layer[],
  whole: (path: Path) => boolean = () => false,
): Settings {
  const list: Setting[] = []
  const inputs = layers.map((layer) => ({ value: layer.value, layer }))
  const tree = merge(inputs, [], { list, whole }) ?? {}
  return { list, tree }
}

interface Input {
  readonly value: unknown
  readonly layer: Layer
}

interface Merging {
  readonly list: Setting[]
  readonly whole: (path: Path) => boolean
}

function merge(all: readonly Input[], path: Path, merging: Merging): unknown {
  const inputs = all.filter(({ value }) => value !== undefined && value !== null)
  const top = inputs.at(-1)
  if (!top) return undefined
  if (!isPlainMap(top.value) || merging.whole(path)) {
    const beat = inputs.slice(0, -1).reverse()
    const place = ({ layer }: Input): Origin => ({ layer, path })
    merging.list.push({
      path,
      value: top.value,
      origin: place(top),
      beat: beat.map((input) => ({ value: input.value, origin: place(input) })),
    })
    return top.value
  }
  const from = inputs.findLastIndex(({ value }) => !isPlainMap(value)) + 1
  const maps = inputs.slice(from)
  const keys = new Set(maps.flatMap(({ value }) => Object.keys(value as object)))
  const entries = [...keys].map((key) => {
    const inner = maps.map(({ value, layer }) => ({ value: ownValue(value, key), layer }))
    return [key, merge(inner, [...path, key], merging)] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function ownValue(map: unknown, key: string): unknown {
  return isPlainMap(map) && Object.hasOwn(map, key) ? map[key] : undefined
}
