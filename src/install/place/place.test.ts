import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { pictureOf } from '../../testing/tree-picture.ts'
import { applyPlan, isDone, planInstallation } from './apply.ts'
import { readRegular } from './compare.ts'
import { resolveInside } from './inside-root.ts'
import type { Placement } from './placement.ts'
import { removeInstallation } from './remove.ts'

const placements: readonly Placement[] = [
  { kind: 'folder', path: '/var/lib/ours', mode: 0o750, whole: true },
  { kind: 'file', path: '/etc/ours/a', text: 'new a\n', mode: 0o644 },
  { kind: 'file', path: '/var/run/token', text: 'secret', mode: 0o600, secret: true },
  { kind: 'file', path: '/etc/ours/edit', text: '# yours\n', mode: 0o644, keep: true },
  { kind: 'link', path: '/etc/ours/link', target: '/etc/ours/a' },
  { kind: 'block', path: '/etc/hosts', text: '192.0.2.1 a\n' },
]

async function install(root: string, what: readonly Placement[] = placements) {
  const plan = planInstallation(root, 'vm', what)
  await applyPlan(plan)
  const steps = plan.steps.filter(({ change }) => change !== 'same')
  return steps.map(({ change, file }) => `${change} ${file.slice(root.length)}`)
}

interface Case {
  readonly name: string
  readonly prepare: (root: string) => void
}

/** Machines before anything is installed. */
const machines: readonly Case[] = [
  { name: 'an empty one', prepare: () => {} },
  {
    name: 'one with all of the files already',
    prepare: (root) => {
      mkdirSync(join(root, 'etc/ours'), { recursive: true })
      writeFileSync(join(root, 'etc/ours/a'), 'old a', { mode: 0o640 })
      writeFileSync(join(root, 'etc/ours/edit'), 'mine')
      symlinkSync('theirs', join(root, 'etc/ours/link'))
      writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost', { mode: 0o664 })
      mkdirSync(join(root, 'var/lib/ours'), { recursive: true, mode: 0o700 })
      writeFileSync(join(root, 'var/lib/ours/state'), 'theirs')
    },
  },
  {
    name: 'one with links in the way',
    prepare: (root) => {
      mkdirSync(join(root, 'etc'))
      mkdirSync(join(root, 'run'))
      mkdirSync(join(root, 'var'))
      mkdirSync(join(root, 'elsewhere'))
      symlinkSync('/run', join(root, 'var/run'))
      symlinkSync('../../../../../../elsewhere', join(root, 'etc/ours'))
      symlinkSync('nowhere', join(root, 'elsewhere/a'))
      writeFileSync(join(root, 'elsewhere/hosts'), 'x\n', { mode: 0o600 })
      symlinkSync('/elsewhere/hosts', join(root, 'etc/hosts'))
    },
  },
]

describe('an installation', () => {
  for (const { name, prepare } of machines) {
    it(`leaves ${name} as it was, and is done only once`, async (test) => {
      const folder = await temporaryFolder(test)
      const root = join(folder, 'root')
      mkdirSync(root)
      prepare(root)
      const before = pictureOf(folder)
      assert.ok((await install(root)).length > 0)
      const installed = pictureOf(folder)
      assert.deepEqual(await install(root), [])
      assert.deepEqual(pictureOf(folder), installed)
      assert.equal(isDone(planInstallation(root, 'vm', placements)), true)
      assert.deepEqual(removeInstallation(root, 'vm')?.kept, [])
      assert.deepEqual(pictureOf(folder), before)
      assert.equal(removeInstallation(root, 'vm'), undefined)
    })

    it(`leaves ${name} as it was after a second version`, async (test) => {
      const root = await temporaryFolder(test)
      prepare(root)
      const before = pictureOf(root)
      await install(root)
      const newer = placements.map((one) => {
        const isRenewed = 'text' in one && !one.path.endsWith('edit')
        return isRenewed ? { ...one, text: `${one.text}2\n` } : one
      })
      assert.equal((await install(root, newer)).length, 3)
      const hosts = resolveInside(root, '/etc/hosts', 'target')
      assert.match(readFileSync(hosts, 'utf8'), /192\.0\.2\.1 a\n2\n/)
      assert.deepEqual(removeInstallation(root, 'vm')?.kept, [])
      assert.deepEqual(pictureOf(root), before)
    })
  }

  it('gives what it writes the rights that it should have', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    const modes = ['var/lib/ours', 'etc/ours', 'etc/ours/a', 'var/run/token', 'etc/hosts']
    assert.deepEqual(
      modes.map((path) => (statSync(join(root, path)).mode & 0o777).toString(8)),
      ['750', '755', '644', '600', '644'],
    )
    chmodSync(join(root, 'var/run/token'), 0o644)
    assert.deepEqual(await install(root), ['changed /var/run/token'])
    assert.equal(statSync(join(root, 'var/run/token')).mode & 0o777, 0o600)
  })

  it('keeps its record to root, since it says what root puts back', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    const folder = join(root, 'var/lib/meshdns-install')
    const modes = [folder, join(folder, 'vm.json')].map((path) => statSync(path).mode & 0o777)
    assert.deepEqual(modes, [0o700, 0o600])
  })

  it('takes away what our programs left in a folder of theirs', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    writeFileSync(join(root, 'var/lib/ours/state'), 'x')
    assert.deepEqual(removeInstallation(root, 'vm')?.kept, [])
    assert.deepEqual(pictureOf(root), {})
  })

  it('keeps and names what somebody changed since', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    writeFileSync(join(root, 'etc/ours/edit'), 'mine now')
    writeFileSync(join(root, 'etc/ours/more'), '')
    const hosts = join(root, 'etc/hosts')
    writeFileSync(hosts, readFileSync(hosts, 'utf8').replace('192.0.2.1', '192.0.2.9'))
    assert.deepEqual(removeInstallation(root, 'vm')?.kept, [
      { path: '/etc/hosts', reason: 'its lines of ours were changed since' },
      { path: '/etc/ours/edit', reason: 'it was changed since' },
      { path: '/etc/ours', reason: 'other things are in it' },
      { path: '/etc', reason: 'other things are in it' },
    ])
    assert.deepEqual(Object.keys(pictureOf(root)), [
      'etc',
      'etc/hosts',
      'etc/ours',
      'etc/ours/edit',
      'etc/ours/more',
    ])
  })

  it('is mended by a second call, and can be taken away, when it ended half-way', async (test) => {
    const root = await temporaryFolder(test)
    mkdirSync(join(root, 'etc'))
    writeFileSync(join(root, 'etc/hosts'), 'mine\n')
    const before = pictureOf(root)
    const plan = planInstallation(root, 'vm', placements)
    // Something comes in the way after the plan was made.
    mkdirSync(join(root, 'etc/ours'))
    await assert.rejects(applyPlan(plan), { code: 'INSTALL_DENIED' })
    assert.ok(existsSync(join(root, 'var/lib/ours')))
    assert.ok((await install(root)).includes('created /etc/ours/a'))
    removeInstallation(root, 'vm')
    assert.deepEqual(pictureOf(root), before)
  })

  it('leaves folders that are to stay, and takes them when asked later', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    writeFileSync(join(root, 'var/lib/ours/state'), 'x')
    assert.deepEqual(removeInstallation(root, 'vm', ['/var/lib/ours'])?.left, ['/var/lib/ours'])
    assert.equal(readFileSync(join(root, 'var/lib/ours/state'), 'utf8'), 'x')
    assert.equal(existsSync(join(root, 'etc')), false)
    removeInstallation(root, 'vm')
    assert.deepEqual(pictureOf(root), {})
  })

  const obstacles: readonly Case[] = [
    {
      name: 'a folder where a file belongs',
      prepare: (root) => mkdirSync(join(root, 'etc/ours/a'), { recursive: true }),
    },
    {
      name: 'a file where a folder belongs',
      prepare: (root) => writeFileSync(join(root, 'etc'), ''),
    },
    {
      name: 'a file that is too large to be put back',
      prepare: (root) => {
        mkdirSync(join(root, 'etc/ours'), { recursive: true })
        writeFileSync(join(root, 'etc/ours/a'), Buffer.alloc((1 << 20) + 1))
      },
    },
  ]
  for (const { name, prepare } of obstacles) {
    it(`refuses ${name}, and changes nothing`, async (test) => {
      const root = await temporaryFolder(test)
      prepare(root)
      const before = pictureOf(root)
      await assert.rejects(install(root), { code: 'INSTALL_OBSTACLE' })
      assert.deepEqual(pictureOf(root), before)
    })
  }

  it('refuses a record that makes no sense', async (test) => {
    const root = await temporaryFolder(test)
    await install(root)
    writeFileSync(join(root, 'var/lib/meshdns-install/vm.json'), '{"version":2}')
    assert.throws(() => removeInstallation(root, 'vm'), { code: 'INSTALL_MANIFEST_DAMAGED' })
    await assert.rejects(install(root), { code: 'INSTALL_MANIFEST_DAMAGED' })
  })
})

describe('a file that is kept, to be put back', () => {
  it('is not one that a link leads to which was put there meanwhile', async (test) => {
    const root = await temporaryFolder(test)
    writeFileSync(join(root, 'shadow'), 'secret')
    symlinkSync('shadow', join(root, 'a'))
    assert.throws(() => readRegular(join(root, 'a')), { code: 'INSTALL_OBSTACLE' })
  })

  it('is not a folder that was put there meanwhile', async (test) => {
    const folder = await temporaryFolder(test)
    assert.throws(() => readRegular(folder), { code: 'INSTALL_OBSTACLE' })
  })
})
