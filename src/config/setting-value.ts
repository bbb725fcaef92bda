import { formatPath } from '../documents/path.ts'
import type { Beaten, Origin, Setting } from './settings.ts'

/** A setting as plain data: what pages and commands show. */
export interface SettingValue {
  /** Such as `proxyMetadata.ISTIO_META_DNS_CAPTURE`. */
  readonly setting: string
  readonly value: unknown
  readonly from: PlaceValue
  /** Values of lower levels that it stands in for, the nearest first. */
  readonly beat: readonly { readonly value: unknown; readonly from: PlaceValue }[]
}

export interface PlaceValue {
  /** Whose word it is, such as `built-in`, `profile preview`, `mesh`, `annotation`. */
  readonly level: string
  readonly file?: string
  /** Counted from 1, as the column. */
  readonly line?: number
  readonly column?: number
}

export function settingValue({ path, value, origin, beat }: Setting): SettingValue {
  return {
    setting: formatPath(path),
    value,
    from: placeValue(origin),
    beat: beat.map((beaten: Beaten) => ({ value: beaten.value, from: placeValue(beaten.origin) })),
  }
}

/** Where a value was written. Slow: parses the file again, once for each document. */
export function placeValue({ layer, path }: Origin): PlaceValue {
  return { level: layer.level, ...layer.locate(path) }
}

/** For people: `iop.yaml:7:9 (mesh)`, or the level alone. */
export function formatPlaceValue({ level, file, line, column }: PlaceValue): string {
  return file === undefined ? level : `${file}:${line}:${column} (${level})`
}
