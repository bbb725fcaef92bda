import type { ObjectDocument } from '../documents/documents.ts'
import type { Position } from '../documents/locate.ts'
import type { Path } from '../documents/path.ts'

/** Where in a file something stands. */
export interface FilePlace extends Position {
  readonly file: string
}

/** Settings of one origin, as a tree of plain values; later layers win over earlier ones. Immutable. */
export interface Layer {
  /** Whose word it is, such as `built-in`, `profile preview`, `mesh`, `annotation`. */
  readonly level: string
  readonly value: unknown
  /** Slow: parses again. `undefined` when it stands in no file. */
  locate(path: Path): FilePlace | undefined
}

/** What a document, or a part of it, says. */
export function layerOfDocument(level: string, document: ObjectDocument, at: Path = []): Layer {
  const { file } = document
  return {
    level,
    value: valueAt(document.value, at),
    locate: (path) => ({ file, ...document.locate([...at, ...path]) }),
  }
}

/** What stands in no file. */
export function layerOfData(level: string, value: unknown): Layer {
  return { level, value, locate: () => undefined }
}

/** The part of a layer below a path, as a layer. */
export function narrowLayer(layer: Layer, at: Path): Layer {
  return {
    level: layer.level,
    value: valueAt(layer.value, at),
    locate: (path) => layer.locate([...at, ...path]),
  }
}

/** A layer as a part of a larger one. */
export function liftLayer(layer: Layer, key: string): Layer {
  return {
    level: layer.level,
    value: { [key]: layer.value },
    locate: ([first, ...rest]) => layer.locate(first === key ? rest : []),
  }
}

/** What a path leads to in a tree of plain values; `undefined` when it leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined
    at = (at as Readonly<Record<string | number, unknown>>)[segment]
  }
  return at
}
