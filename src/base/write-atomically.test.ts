import assert from 'node:assert/strict'
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { writeAtomically } from './write-atomically.ts'

const isRoot = process.getuid?.() === 0

describe('writeAtomically', () => {
  it('replaces the text, for its owner only, in folders that it makes', async (test) => {
    const file = join(await temporaryFolder(test), 'a/b/file')
    await writeAtomically(file, 'one')
    await writeAtomically(file, 'two')
    assert.equal(await readFile(file, 'utf8'), 'two')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(file, '..')), ['file'])
  })

  it('is not stopped by what an earlier crash left', async (test) => {
    const file = join(await temporaryFolder(test), 'file')
    await writeFile(`${file}.new`, 'half', { mode: 0o644 })
    await writeAtomically(file, 'whole')
    assert.equal(await readFile(file, 'utf8'), 'whole')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })

  it('gives what root writes to the owner of the folder', {
    skip: isRoot ? false : 'only root can give files away',
  }, async (test) => {
    const folder = join(await temporaryFolder(test), 'of-a-service')
    await mkdir(folder)
    await chown(folder, 12_345, 12_346)
    await writeAtomically(join(folder, 'file'), 'secret')
    const { uid, gid } = await stat(join(folder, 'file'))
    assert.deepEqual([uid, gid], [12_345, 12_346])
  })
})
