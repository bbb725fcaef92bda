import { globSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { HealthSpec } from '../../src/base/health.ts'
import type { MeterSpec } from '../../src/base/meters.ts'
import { root } from '../../test/architecture/tree.ts'

const Health = z.strictObject({
  code: z.string(),
  severity: z.enum(['down', 'degraded']),
  title: z.string(),
  hint: z.string(),
})

const Meter = z.strictObject({
  name: z.string(),
  kind: z.enum(['counter', 'gauge', 'histogram']),
  help: z.string(),
  label: z.string().optional(),
  buckets: z.array(z.number()).optional(),
})

/** Something that a room exports, and where. */
export interface Declared<T> {
  readonly room: string
  readonly value: T
}

export async function readHealthSpecs(): Promise<Declared<HealthSpec>[]> {
  return await readRooms('health.ts', (value) => value as HealthSpec, Health)
}

export async function readMeterSpecs(): Promise<Declared<MeterSpec>[]> {
  return await readRooms('meters.ts', (value) => value as MeterSpec, Meter)
}

/** All exports of `src/ROOM/FILE`, and of FILE in the folders of a room, that look as the schema says. */
async function readRooms<T>(
  file: string,
  take: (value: unknown) => T,
  schema: z.ZodType,
): Promise<Declared<T>[]> {
  const paths = globSync([`*/${file}`, `*/*/${file}`], { cwd: join(root, 'src') }).sort()
  const declared: Declared<T>[] = []
  for (const path of paths) {
    const [room = ''] = path.split(sep)
    if (room === 'base') continue
    const url = pathToFileURL(join(root, 'src', path))
    const exported = (await import(url.href)) as Record<string, unknown>
    for (const value of Object.values(exported)) {
      if (schema.safeParse(value).success) declared.push({ room, value: take(value) })
    }
  }
  return declared
}
