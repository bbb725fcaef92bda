import assert from 'node:assert/strict'
import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { linkedPaths } from './linked-paths.ts'
import { PathWatch } from './path-watch.ts'

/** Slow looks would hide that an event was missed. */
const noPoll = { settleMs: 5, pollMs: 3_600_000 }

interface Case {
  readonly name: string
  /** What is followed; links on its way are as well. */
  readonly path: string
  readonly prepare: (folder: string) => Promise<unknown>
  readonly change: (folder: string) => Promise<unknown>
}

const cases: readonly Case[] = [
  {
    name: 'a file is written in place',
    path: 'file',
    prepare: (folder) => writeFile(join(folder, 'file'), 'a'),
    change: (folder) => appendFile(join(folder, 'file'), 'b'),
  },
  {
    name: 'a file is replaced by a rename',
    path: 'file',
    prepare: async (folder) => {
      await writeFile(join(folder, 'file'), 'a')
      await writeFile(join(folder, 'other'), 'b')
    },
    change: (folder) => rename(join(folder, 'other'), join(folder, 'file')),
  },
  {
    name: 'a file is deleted',
    path: 'file',
    prepare: (folder) => writeFile(join(folder, 'file'), 'a'),
    change: (folder) => unlink(join(folder, 'file')),
  },
  {
    name: 'a file appears',
    path: 'file',
    prepare: async () => {},
    change: (folder) => writeFile(join(folder, 'file'), 'a'),
  },
  {
    name: 'a file appears in a folder',
    path: 'sub',
    prepare: (folder) => mkdir(join(folder, 'sub')),
    change: (folder) => writeFile(join(folder, 'sub/file'), 'a'),
  },
  {
    name: 'a folder goes',
    path: 'sub',
    prepare: (folder) => mkdir(join(folder, 'sub')),
    change: (folder) => rm(join(folder, 'sub'), { recursive: true }),
  },
  {
    name: 'the target of a link in another folder is written',
    path: 'link',
    prepare: async (folder) => {
      await mkdir(join(folder, 'run'))
      await writeFile(join(folder, 'run/file'), 'a')
      await symlink('run/file', join(folder, 'link'))
    },
    change: (folder) => appendFile(join(folder, 'run/file'), 'b'),
  },
  {
    name: 'a link in the middle of the way is swapped, as a ConfigMap does it',
    path: 'file',
    prepare: async (folder) => {
      await mkdir(join(folder, '..one'))
      await mkdir(join(folder, '..two'))
      await writeFile(join(folder, '..one/file'), 'a')
      await writeFile(join(folder, '..two/file'), 'b')
      await symlink('..one', join(folder, '..data'))
      await symlink('..two', join(folder, '..next'))
      await symlink('..data/file', join(folder, 'file'))
    },
    change: (folder) => rename(join(folder, '..next'), join(folder, '..data')),
  },
]

describe('PathWatch, with real files', () => {
  for (const { name, path, prepare, change } of cases) {
    it(`hears when ${name}`, async (test) => {
      const folder = await temporaryFolder(test)
      await prepare(folder)
      const { hints } = await follow(test, join(folder, path))
      const before = hints()
      await change(folder)
      await until(() => hints() > before)
    })
  }

  it('goes on with a folder that is deleted and made again, level by level', async (test) => {
    const folder = await temporaryFolder(test)
    await mkdir(join(folder, 'a/b'), { recursive: true })
    const { hints } = await follow(test, join(folder, 'a/b'))
    for (const change of [
      () => rm(join(folder, 'a'), { recursive: true }),
      () => mkdir(join(folder, 'a')),
      () => mkdir(join(folder, 'a/b')),
      () => writeFile(join(folder, 'a/b/file'), ''),
      () => rename(join(folder, 'a/b'), join(folder, 'a/c')),
      () => mkdir(join(folder, 'a/b')),
      () => writeFile(join(folder, 'a/b/file'), ''),
    ]) {
      const before = hints()
      await change()
      await until(() => hints() > before)
    }
  })

  it('hears nothing of other files beside the one that is followed', async (test) => {
    const folder = await temporaryFolder(test)
    const { hints } = await follow(test, join(folder, 'file'))
    const other = await follow(test, join(folder, 'other'))
    const [before, otherBefore] = [hints(), other.hints()]
    await writeFile(join(folder, 'other'), '')
    await until(() => other.hints() > otherBefore)
    assert.equal(hints(), before)
    await writeFile(join(folder, 'file'), '')
    await until(() => hints() > before)
  })

  it('hears nothing any more once it was stopped', async (test) => {
    const folder = await temporaryFolder(test)
    const stopped = await follow(test, join(folder, 'file'))
    await stopped.watch.stop()
    const before = stopped.hints()
    const other = await follow(test, join(folder, 'file'))
    await writeFile(join(folder, 'file'), '')
    await until(() => other.hints() > 1)
    assert.equal(stopped.hints(), before)
  })
})

describe('PathWatch, where it says to look', () => {
  it('names the file in a folder, and the file that is followed itself', async (test) => {
    const folder = await temporaryFolder(test)
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const path of [folder, file]) {
      const { changes } = await follow(test, path)
      const before = changes.length
      await writeFile(file, 'new')
      await until(() => changes.length > before)
      assert.deepEqual([...(changes[before] ?? [])], [file])
    }
  })

  it('names nothing, so that everything is looked at, at first and now and then', async (test) => {
    const clock = new FakeClock()
    const folder = await temporaryFolder(test)
    const changes: unknown[] = []
    const ports = { clock, health: new Health() }
    const watch = new PathWatch((changed) => changes.push(changed), ports, { pollMs: 100 })
    test.after(() => watch.stop())
    watch.follow([folder])
    clock.advance(1_000)
    assert.ok(changes.length > 1)
    assert.deepEqual(new Set(changes), new Set([undefined]))
  })
})

describe('PathWatch, in time', () => {
  it('looks now and then without being told', async (test) => {
    const clock = new FakeClock()
    let hints = 0
    const watch = new PathWatch(
      () => (hints += 1),
      { clock, health: new Health() },
      { pollMs: 100 },
    )
    test.after(() => watch.stop())
    watch.follow([join(await temporaryFolder(test), 'file')])
    clock.advance(99)
    const before = hints
    clock.advance(1_000)
    assert.ok(hints >= before + 10)
  })

  const waits: readonly {
    readonly name: string
    readonly change: (file: string) => Promise<unknown>
    readonly waits: boolean
  }[] = [
    {
      name: 'waits until a file that is written in place is whole',
      change: (file) => appendFile(file, 'b'),
      waits: true,
    },
    {
      name: 'waits whether a file that is removed is written anew',
      change: (file) => unlink(file),
      waits: true,
    },
    {
      name: 'waits while one file is written although another is whole',
      change: async (file) => {
        await writeFile(`${file}.new`, 'b')
        await rename(`${file}.new`, file)
        await appendFile(`${file}.other`, 'c')
      },
      waits: true,
    },
    {
      name: 'does not wait for a file that is put in its place by a rename',
      change: async (file) => {
        await writeFile(`${file}.new`, 'b')
        await rename(`${file}.new`, file)
      },
      waits: false,
    },
  ]
  for (const { name, change, waits: waitsLong } of waits) {
    it(name, async (test) => {
      const clock = new FakeClock()
      const folder = await temporaryFolder(test)
      const file = join(folder, 'file')
      await writeFile(file, 'a')
      let hints = 0
      const ports = { clock, health: new Health() }
      const options = { settleMs: 50, pollMs: 3_600_000 }
      const watch = new PathWatch(() => (hints += 1), ports, options)
      test.after(() => watch.stop())
      watch.follow(await linkedPaths(folder))
      clock.advance(50)
      const before = hints
      // By when this one has heard of a change, the other one has, too.
      const [other, end] = [await follow(test, folder), join(folder, 'end')]
      await until(() => other.hints() > 0)
      await change(file)
      await writeFile(`${end}.new`, '')
      const heard = other.hints()
      await rename(`${end}.new`, end)
      await until(() => other.hints() > heard)
      clock.advance(2)
      assert.equal(hints, waitsLong ? before : before + 1)
      clock.advance(48)
      assert.equal(hints, before + 1)
    })
  }

  it('waits until writing ends, but not for ever', async (test) => {
    const clock = new FakeClock()
    const folder = await temporaryFolder(test)
    let hints = 0
    const ports = { clock, health: new Health() }
    const watch = new PathWatch(() => (hints += 1), ports, { settleMs: 50, pollMs: 3_600_000 })
    test.after(() => watch.stop())
    const paths = Array.from({ length: 11 }, (_, index) => join(folder, `f${index}`))
    for (const path of paths) await mkdir(path)
    for (const path of paths) {
      assert.equal(hints, 0)
      watch.follow([path])
      clock.advance(path === paths.at(-1) ? 10 : 49)
    }
    assert.equal(hints, 1)
  })
})

async function follow(test: TestContext, path: string) {
  const changes: (ReadonlySet<string> | undefined)[] = []
  const ports = { clock: systemClock, health: new Health() }
  const watch = new PathWatch((changed) => changes.push(changed), ports, noPoll)
  test.after(() => watch.stop())
  watch.follow(await linkedPaths(path))
  await until(() => changes.length > 0)
  return { watch, changes, hints: () => changes.length }
}
