import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { type OnboardingFiles, writeOnboardingFiles } from './write-files.ts'

const files: OnboardingFiles = {
  'cluster.env': 'A=1\n',
  'mesh.yaml': 'defaultConfig: {}\n',
  hosts: '',
  'root-cert.pem': 'roots\n',
  'istio-token': 'secret',
}

async function modesIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  const modes = names.map(async (name) => {
    const { mode } = await stat(join(folder, name))
    return [name, (mode & 0o777).toString(8)] as const
  })
  return Object.fromEntries(await Promise.all(modes))
}

const wantedModes = {
  'cluster.env': '644',
  hosts: '644',
  'istio-token': '600',
  'mesh.yaml': '644',
  'root-cert.pem': '644',
}

describe('writeOnboardingFiles', () => {
  it('makes the folder, and keeps the token to its owner', async (test) => {
    const folder = join(await temporaryFolder(test), 'a/b')
    await writeOnboardingFiles(folder, files)
    assert.deepEqual(await modesIn(folder), wantedModes)
    assert.equal(await readFile(join(folder, 'istio-token'), 'utf8'), 'secret')
  })

  it('replaces what is there, with the rights that it should have, and follows no link', async (test) => {
    const parent = await temporaryFolder(test)
    const folder = join(parent, 'out')
    await mkdir(folder)
    await writeFile(join(parent, 'other'), 'untouched')
    await symlink('../other', join(folder, 'istio-token'))
    await writeFile(join(folder, 'cluster.env'), 'old', { mode: 0o777 })
    await writeOnboardingFiles(folder, files)
    assert.deepEqual(await modesIn(folder), wantedModes)
    assert.equal(await readFile(join(parent, 'other'), 'utf8'), 'untouched')
  })

  it('says so when the folder is a file', async (test) => {
    const folder = join(await temporaryFolder(test), 'out')
    await writeFile(folder, '')
    await assert.rejects(writeOnboardingFiles(folder, files), { code: 'INSTALL_OUTPUT_FOLDER' })
  })
})
