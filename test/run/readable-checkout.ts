import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
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
  // Other tests write into caches meanwhile.
  const filter = (path: string) => basename(path) !== '.cache'
  for (const name of needed) {
    const how = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter }
    cpSync(join(root, name), join(folder, name), how)
  }
  const { stderr, status: code } = spawnSync('chmod', ['-R', 'a+rX', folder], { encoding: 'utf8' })
  if (code !== 0) throw new Error(`the checkout cannot be copied: ${stderr}`)
  return { folder, isCopy: true }
}
