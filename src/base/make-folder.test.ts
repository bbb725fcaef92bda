import assert from 'node:assert/strict'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { makeFolder } from './make-folder.ts'

describe('makeFolder', () => {
  it('makes what is missing, with the mode', async (test) => {
    const top = await temporaryFolder(test)
    await makeFolder(join(top, 'a/b/c'), 0o700)
    for (const name of ['a', 'a/b', 'a/b/c']) {
      assert.equal(statSync(join(top, name)).mode & 0o777, 0o700, name)
    }
  })

  it('leaves alone what is there, also by a link', async (test) => {
    const top = await temporaryFolder(test)
    mkdirSync(join(top, 'a'), { mode: 0o750 })
    symlinkSync('a', join(top, 'link'))
    await makeFolder(join(top, 'link'), 0o700)
    await makeFolder(join(top, 'link/b'), 0o700)
    assert.equal(statSync(join(top, 'a')).mode & 0o777, 0o750)
    assert.ok(statSync(join(top, 'a/b')).isDirectory())
  })

  it('is not disturbed by another that makes the same', async (test) => {
    const folder = join(await temporaryFolder(test), 'a/b/c')
    await Promise.all(Array.from({ length: 5 }, () => makeFolder(folder)))
    assert.ok(statSync(folder).isDirectory())
  })

  it('refuses what is no folder', async (test) => {
    const file = join(await temporaryFolder(test), 'file')
    writeFileSync(file, '')
    await assert.rejects(makeFolder(file), { code: 'EEXIST' })
    await assert.rejects(makeFolder(join(file, 'a/b')), { code: 'EEXIST' })
  })

  it('comes to an end where nothing can be made', {
    skip: !statSync('/proc/self', { throwIfNoEntry: false }),
  }, async () => {
    await assert.rejects(makeFolder('/proc/meshdns/a'), { code: 'ENOENT' })
  })
})
