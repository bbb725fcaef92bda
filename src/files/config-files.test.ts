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

describe('ConfigFiles, told where to look', () => {
  it('looks there only', async (test) => {
    const folder = await temporaryFolder(test)
    for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.yaml`), yaml(name))
    const files = open([folder])
    await files.read()
    for (const name of ['a', 'b']) {
      await writeAtomically(join(folder, `${name}.yaml`), yaml(`new-${name}`))
    }
    assert.equal(await files.read(new Set([join(folder, 'b.yaml')])), true)
    assert.deepEqual(namesOf(files), ['a', 'new-b'])
    assert.equal(await files.read(), true)
    assert.deepEqual(namesOf(files), ['new-a', 'new-b'])
  })

  it('keeps the objects of documents that did not change', async (test) => {
    const file = join(await temporaryFolder(test), 'a.yaml')
    await writeFile(file, ['one', 'two', 'three'].map(yaml).join('---\n'))
    const files = open([file])
    await files.read()
    const before = objectsOf(files)
    await writeAtomically(file, ['one', 'new', 'three'].map(yaml).join('---\n'))
    await files.read(new Set([file]))
    assert.deepEqual(namesOf(files), ['one', 'new', 'three'])
    assert.deepEqual(
      objectsOf(files).map((object, index) => object === before[index]),
      [true, false, true],
    )
  })

  it('looks nowhere for hidden files that nothing leads to', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('a'))
    const files = open([folder])
    await files.read()
    await writeFile(join(folder, 'b.yaml'), yaml('b'))
    assert.equal(await files.read(new Set([join(folder, '.a.yaml.swp')])), false)
    assert.deepEqual(namesOf(files), ['a'])
  })

  const wider: readonly {
    readonly name: string
    readonly change: (folder: string) => Promise<unknown>
    readonly hint: string
    readonly want: readonly string[]
  }[] = [
    {
      name: 'a file is new',
      change: (folder) => writeFile(join(folder, 'c.yaml'), yaml('c')),
      hint: 'c.yaml',
      want: ['a', 'b', 'c'],
    },
    {
      name: 'a file is gone',
      change: (folder) => unlink(join(folder, 'a.yaml')),
      hint: 'a.yaml',
      want: ['b'],
    },
    {
      name: 'a file became a link',
      change: async (folder) => {
        await writeFile(join(folder, '.far'), yaml('far'))
        await unlink(join(folder, 'a.yaml'))
        await symlink('.far', join(folder, 'a.yaml'))
      },
      hint: 'a.yaml',
      want: ['far', 'b'],
    },
    {
      name: 'the folder itself changed',
      change: (folder) => writeFile(join(folder, 'c.yaml'), yaml('c')),
      hint: '',
      want: ['a', 'b', 'c'],
    },
  ]
  for (const { name, change, hint, want } of wider) {
    it(`looks at everything when ${name}`, async (test) => {
      const folder = await temporaryFolder(test)
      for (const file of ['a', 'b']) await writeFile(join(folder, `${file}.yaml`), yaml(file))
      const files = open([folder])
      await files.read()
      await change(folder)
      assert.equal(await files.read(new Set([join(folder, hint)])), true)
      assert.deepEqual(namesOf(files), want)
    })
  }

  it('looks at everything where a file is read through two paths', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'far.yaml'), yaml('one'))
    await symlink('far.yaml', join(folder, 'near.yaml'))
    const files = open([folder])
    await files.read()
    await writeAtomically(join(folder, 'far.yaml'), yaml('two'))
    await files.read(new Set([join(folder, 'far.yaml')]))
    assert.deepEqual(namesOf(files), ['two', 'two'])
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
