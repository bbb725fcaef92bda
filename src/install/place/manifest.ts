import { z } from 'zod'
import { CodedError } from '../../base/coded-error.ts'

const owner = { mode: z.int(), uid: z.int(), gid: z.int() }

/** What was at a place before we came. */
const Before = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nothing') }),
  z.strictObject({ kind: z.literal('file'), octets: z.base64(), ...owner }),
  z.strictObject({ kind: z.literal('link'), target: z.string() }),
])
export type Before = z.infer<typeof Before>

const Entry = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    path: z.string(),
    /** Of what we wrote. */
    sha256: z.string(),
    before: Before,
  }),
  z.strictObject({
    kind: z.literal('link'),
    path: z.string(),
    target: z.string(),
    before: Before,
  }),
  z.strictObject({ kind: z.literal('folder'), path: z.string(), whole: z.boolean() }),
  z.strictObject({
    kind: z.literal('block'),
    path: z.string(),
    text: z.string(),
    newline: z.boolean(),
    /** Whether there was no file. */
    made: z.boolean(),
  }),
])
export type Entry = z.infer<typeof Entry>

/** What an installation changed on a machine, in the order in which it did. */
export const Manifest = z.strictObject({
  version: z.literal(1),
  entries: z.array(Entry),
  /** Users that were made. */
  accounts: z.array(z.string()),
})
export type Manifest = z.infer<typeof Manifest>

export const emptyManifest: Manifest = { version: 1, entries: [], accounts: [] }

/** The record of an installation cannot be read; without it nothing can be put back. */
export class ManifestDamagedError extends CodedError {
  override readonly code = 'INSTALL_MANIFEST_DAMAGED'

  constructor(file: string, cause: unknown) {
    super(`${file} does not say what was installed`, {
      cause,
      hint: 'It may be of a newer version of meshdns: uninstall with that one. Without the file, install again, and take away by hand what was there before.',
    })
  }
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** @throws {ManifestDamagedError} when it makes no sense. */
export function parseManifest(text: string, file: string): Manifest {
  try {
    return Manifest.parse(JSON.parse(text))
  } catch (cause) {
    throw new ManifestDamagedError(file, cause)
  }
}

/** Adds what a further installation changed; what was there before the first one stays known. */
export function extendManifest(
  manifest: Manifest,
  added: { readonly entries: readonly Entry[]; readonly accounts: readonly string[] },
): Manifest {
  const entries = [...manifest.entries]
  for (const entry of added.entries) {
    const at = entries.findIndex(({ kind, path }) => kind === entry.kind && path === entry.path)
    const known = entries[at]
    if (known) entries[at] = succeed(known, entry)
    else entries.push(entry)
  }
  return { ...manifest, entries, accounts: [...new Set([...manifest.accounts, ...added.accounts])] }
}

function succeed(known: Entry, entry: Entry): Entry {
  if (known.kind === 'file' && entry.kind === 'file') return { ...entry, before: known.before }
  if (known.kind === 'link' && entry.kind === 'link') return { ...entry, before: known.before }
  if (known.kind === 'block' && entry.kind === 'block') return { ...known, text: entry.text }
  return known
}
