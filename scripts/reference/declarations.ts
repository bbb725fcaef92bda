import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
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

/** All exports of `src/ROOM/FILE` that look as the schema says, room by room. */
async function readRooms<T>(
  file: string,
  take: (value: unknown) => T,
  schema: z.ZodType,
): Promise<Declared<T>[]> {
  const rooms = readdirSync(join(root, 'src'))
    .filter((room) => room !== 'base')
    .sort()
  const declared: Declared<T>[] = []
  for (const room of rooms) {
    const path = join(root, 'src', room, file)
    if (!existsSync(path)) continue
    const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>
    for (const value of Object.values(exported)) {
      if (schema.safeParse(value).success) declared.push({ room, value: take(value) })
    }
  }
  return declared
}
