import assert from 'node:assert/strict'
import { symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeAtomically } from '../base/write-atomically.ts'
import { entryYaml } from '../testing/entry-yaml.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { ConfigFiles } from './config-files.ts'

const yaml = (name: string) => entryYaml({ name, hosts: [`${name}.test`] })

describe('ConfigFiles', () => {
  it('gives objects in the order of paths, names and documents', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'b.yaml'), `${yaml('b2')}---\n${yaml('b1')}`)
    await writeFile(join(folder, 'a.yaml'), yaml('a'))
    await writeFile(join(folder, 'first'), yaml('first'))
    const files = open([join(folder, 'first'), folder])
    assert.equal(await files.read(), true)
    assert.deepEqual(namesOf(files), ['first', 'a', 'b2', 'b1'])
  })

  it('parses only what changed', async (test) => {
    const folder = await temporaryFolder(test)
    for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.yaml`), yaml(name))
    const files = open([folder])
    await files.read()
    const [before] = objectsOf(files)
    await writeAtomically(join(folder, 'b.yaml'), yaml('new'))
    assert.equal(await files.read(), true)
    assert.equal(objectsOf(files)[0], before)
    assert.deepEqual(namesOf(files), ['a', 'new'])
  })

  it('sees no change where only the times of a file changed', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('a'))
    const files = open([folder])
    await files.read()
    const [before] = objectsOf(files)
    await utimes(join(folder, 'a.yaml'), 1, 1)
    assert.equal(await files.read(), false)
    await writeAtomically(join(folder, 'a.yaml'), yaml('a'))
    assert.equal(await files.read(), false)
    assert.equal(objectsOf(files)[0], before)
  })

  it('sees a change of a file right after it was read, though its size is the same', async (test) => {
    const folder = await temporaryFolder(test)
    const files = new ConfigFiles({
      ...options([folder]),
      clock: { now: () => 0, wall: () => Date.now(), after: () => () => {} },
    })
    for (let turn = 0; turn < 20; turn += 1) {
      const name = turn % 2 === 0 ? 'even' : 'oddy'
      await writeFile(join(folder, 'a.yaml'), yaml(name))
      await files.read()
      assert.deepEqual(namesOf(files), [name])
    }
  })

  it('keeps the objects of a file that is in the way of itself, but not of one that is gone', async (test) => {
    const folder = await temporaryFolder(test)
    const path = join(folder, 'a.yaml')
    await writeFile(path, yaml('a'))
    const files = open([path])
    await files.read()
    await unlink(path)
    await symlink('a.yaml', path)
    assert.equal(await files.read(), true)
    assert.deepEqual(namesOf(files), ['a'])
    assert.deepEqual(codesOf(files), ['FILE_UNREADABLE'])
    assert.equal(await files.read(), false)
    await unlink(path)
    assert.equal(await files.read(), true)
    assert.deepEqual(namesOf(files), [])
    assert.deepEqual(codesOf(files), ['FILE_MISSING'])
  })

  it('keeps the objects of a file that grew too large, with one finding', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('a'))
    const files = new ConfigFiles({ ...options([folder]), sizeLimitOctets: 1_000 })
    await files.read()
    await writeAtomically(join(folder, 'a.yaml'), `${yaml('a')}#${'x'.repeat(1_000)}`)
    assert.equal(await files.read(), true)
    assert.deepEqual(namesOf(files), ['a'])
    assert.deepEqual(codesOf(files), ['FILE_TOO_LARGE'])
    assert.equal(await files.read(), false)
  })
})

function open(paths: readonly string[]): ConfigFiles {
  return new ConfigFiles(options(paths))
}

function options(paths: readonly string[]) {
  const parse = { defaultNamespace: 'default' }
  return { paths, parse, sizeLimitOctets: 1_000_000, clock: new FakeClock() }
}

function objectsOf({ groups }: ConfigFiles) {
  return groups.flatMap(({ objects }) => objects)
}

function namesOf(files: ConfigFiles): readonly string[] {
  return objectsOf(files).map(({ meta }) => meta.name)
}

function codesOf({ findings }: ConfigFiles): readonly string[] {
  return findings.flat().map(({ code }) => code)
}
