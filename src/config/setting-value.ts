import { z } from 'zod'
import { formatPath } from '../documents/path.ts'
import type { Origin, Setting } from './settings.ts'

const PlaceValue = z.object({
  level: z.string(),
  file: z.string().exactOptional(),
  line: z.number().exactOptional(),
  column: z.number().exactOptional(),
})
/** Where a value was written: whose word it is, such as `built-in` or `annotation`, and in which line. */
export type PlaceValue = z.output<typeof PlaceValue>

const SettingValue = z.object({
  setting: z.string(),
  value: z.unknown(),
  from: PlaceValue,
  beat: z.array(z.object({ value: z.unknown(), from: PlaceValue })),
})
/** A setting as plain data: what pages and commands show. */
export type SettingValue = z.output<typeof SettingValue>

/** What is effective for one workload, or for the mesh when none is named. */
export const SettingsPage = z.object({
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }).exactOptional(),
  settings: z.array(SettingValue),
  /** Why there are none, for people. */
  faults: z.array(z.string()),
})
export type SettingsPage = z.output<typeof SettingsPage>

/** Slow: parses the files again that the values stand in, once for each document. */
export function settingValue({ path, value, origin, beat }: Setting): SettingValue {
  return {
    setting: formatPath(path),
    value,
    from: placeValue(origin),
    beat: beat.map((beaten) => ({ value: beaten.value, from: placeValue(beaten.origin) })),
  }
}

/** Where a value was written. As slow. */
export function placeValue({ layer, path }: Origin): PlaceValue {
  return { level: layer.level, ...layer.locate(path) }
}

/** For people: `iop.yaml:7:9 (mesh)`, or the level alone, as of objects of a cluster, which have no lines. */
export function formatPlaceValue({ level, file, line, column }: PlaceValue): string {
  return file === undefined || line === 0 ? level : `${file}:${line}:${column} (${level})`
}
