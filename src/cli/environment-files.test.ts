import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { EnvironmentFiles } from './environment-files.ts'

describe('EnvironmentFiles', () => {
  it('go over what the process began with, later ones over earlier ones', async (test) => {
    const folder = await temporaryFolder(test)
    const [one, two] = [join(folder, 'one.env'), join(folder, 'two.env')]
    writeFileSync(one, "A='1'\nB='1'\n")
    writeFileSync(two, "B='2'\n")
    const files = new EnvironmentFiles([one, join(folder, 'absent.env'), two], { A: '0', C: '0' })
    const { env, origins } = files.read()
    assert.deepEqual(env, { A: '1', B: '2', C: '0' })
    assert.deepEqual(origins.get('B')?.layer.locate([]), { file: two, line: 1, column: 1 })
    assert.equal(origins.has('C'), false)
  })

  it('decide of what they have named once, also when they name it no more', async (test) => {
    const file = join(await temporaryFolder(test), 'one.env')
    writeFileSync(file, "A='1'\nB='1'\n")
    const files = new EnvironmentFiles([file], { A: '1', B: '1' })
    files.read()
    writeFileSync(file, "B='1'\n")
    assert.deepEqual(files.read().env, { B: '1' })
    rmSync(file)
    assert.deepEqual(files.read().env, {})
  })

  it('say what they said while they are being written over', async (test) => {
    const file = join(await temporaryFolder(test), 'one.env')
    writeFileSync(file, "A='1'\n")
    const files = new EnvironmentFiles([file], {})
    files.read()
    writeFileSync(file, '')
    assert.deepEqual(files.read().env, { A: '1' })
  })
})
