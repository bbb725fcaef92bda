import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../base/log.ts'
import { writeAtomically } from '../base/write-atomically.ts'

const Line = z.strictObject({ id: z.string(), key: z.string(), expiresAt: z.number() })

/** That a token belongs to a key, until it expires (milliseconds since 1970). */
export type TokenBinding = z.infer<typeof Line>

/** The file of a state folder with the keys that tokens belong to: a JSON object a line, the last one may be cut short. */
export function tokenBindingFile(stateFolder: string): string {
  return join(stateFolder, 'token-bindings.jsonl')
}

/** Reads what still counts, and leaves only that in the file. Holds no secret: digests of public keys. */
export async function loadTokenBindings(file: string, nowMs: number): Promise<TokenBinding[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const bindings = text
    .split('\n')
    .map(tryParse)
    .filter((binding) => binding !== undefined)
    .filter(({ expiresAt }) => expiresAt > nowMs)
  if (text !== '') await writeAtomically(file, bindings.map(format).join(''))
  return bindings
}

/** Adds one; trouble is told to the log, as what is in memory holds all the same. */
export async function addTokenBinding(
  file: string,
  binding: TokenBinding,
  log: Log,
): Promise<void> {
  await appendFile(file, format(binding), { mode: 0o600 }).catch((error: unknown) => {
    log.error({ file, error }, 'the use of a token cannot be recorded')
  })
}

function format(binding: TokenBinding): string {
  return `${JSON.stringify(binding)}\n`
}

function tryParse(line: string): TokenBinding | undefined {
  try {
    return Line.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
