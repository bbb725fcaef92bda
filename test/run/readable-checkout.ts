import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../architecture/tree.ts'

/** What `./meshdns` needs. */
const needed = ['meshdns', 'package.json', 'package-lock.json', 'node_modules', 'src', 'examples']

/** The checkout, or a copy of it where another user may not read it; `isCopy` is the caller's to remove. */
export function readableCheckout(uid: number): {
  readonly folder: string
  readonly isCopy: boolean
} {
  const { status } = spawnSync(join(root, 'meshdns'), ['--version'], { uid, gid: uid, cwd: '/' })
  if (status === 0) return { folder: root, isCopy: false }
  const folder = mkdtempSync(join(tmpdir(), 'meshdns-checkout-'))
  const script = 'cp -a "$@" && chmod -R a+rX "$last"'
  const words = [...needed.map((name) => join(root, name)), folder]
  const copied = spawnSync('sh', ['-ec', script, 'sh', ...words], {
    encoding: 'utf8',
    env: { ...process.env, last: folder },
  })
  if (copied.status !== 0) throw new Error(`the checkout cannot be copied: ${copied.stderr}`)
  return { folder, isCopy: true }
}
