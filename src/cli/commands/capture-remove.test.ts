import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../testing/temporary-folder.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Says where the lock is, and has no rules. */
const script = '#!/bin/sh\necho "$XTABLES_LOCKFILE" >> "$0.heard"\n'

describe('meshdns capture', () => {
  for (const words of [['apply', '--proxy-uid', '1337', '--capture-all-dns'], ['remove']]) {
    it(`${words[0]} tells iptables where its lock is: a container may have no file system to write to`, async (test) => {
      const folder = await temporaryFolder(test)
      for (const name of ['iptables', 'ip6tables']) {
        for (const end of ['', '-save', '-restore']) {
          await writeFile(join(folder, name + end), script, { mode: 0o755 })
        }
      }
      const { status, stderr } = spawnSync(
        process.execPath,
        [main, 'capture', ...words, '--backend', 'iptables'],
        { env: { PATH: folder, XTABLES_LOCKFILE: '/a/lock' }, encoding: 'utf8', timeout: 300_000 },
      )
      assert.equal(status, 0, stderr)
      const heard = await readFile(join(folder, 'iptables-save.heard'), 'utf8')
      assert.deepEqual(new Set(heard.trim().split('\n')), new Set(['/a/lock']))
    })
  }
})
