import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'meshdns-gen-'))
after(() => rmSync(folder, { recursive: true }))

describe('the generated code', () => {
  it('is what the protos make today (npm run protos)', () => {
    const argv = ['scripts/protos.ts', '--output', folder]
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.deepEqual(filesOf(join(folder, 'gen')), filesOf(join(root, 'src/rpc/gen')))
  })
})

function filesOf(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => /\.(js|ts)$/.test(name))
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(path, name), 'utf8')]))
}
