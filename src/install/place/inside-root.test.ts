import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { resolveInside } from './inside-root.ts'

interface Case {
  readonly name: string
  readonly links: Readonly<Record<string, string>>
  readonly path: string
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'a path without links', links: {}, path: '/etc/hosts', want: 'etc/hosts' },
  {
    name: 'an absolute link, from the root of that machine',
    links: { run: '/etc' },
    path: '/run/x',
    want: 'etc/x',
  },
  { name: 'a relative link', links: { 'etc/a': '../opt' }, path: '/etc/a/x', want: 'opt/x' },
  {
    name: 'a link that climbs out, no further than the root',
    links: { 'etc/a': '../../../../../outside' },
    path: '/etc/a/x',
    want: 'outside/x',
  },
  { name: 'a path that climbs out', links: {}, path: '/../../etc/x', want: 'etc/x' },
  {
    name: 'a last part that is a link, not',
    links: { 'etc/a': '/opt' },
    path: '/etc/a',
    want: 'etc/a',
  },
  {
    name: 'a chain of links',
    links: { a: 'b', b: '/c', c: 'etc' },
    path: '/a/x',
    want: 'etc/x',
  },
]

describe('resolveInside', () => {
  for (const { name, links, path, want } of cases) {
    it(`follows ${name}`, async (test) => {
      const root = await temporaryFolder(test)
      mkdirSync(join(root, 'etc'))
      for (const [link, target] of Object.entries(links)) symlinkSync(target, join(root, link))
      assert.equal(resolveInside(root, path), join(root, want))
    })
  }

  it('follows the last part where its target is meant', async (test) => {
    const root = await temporaryFolder(test)
    symlinkSync('/opt', join(root, 'a'))
    assert.equal(resolveInside(root, '/a', 'target'), join(root, 'opt'))
  })

  it('refuses a circle of links, and a way through a file', async (test) => {
    const root = await temporaryFolder(test)
    symlinkSync('b', join(root, 'a'))
    symlinkSync('a', join(root, 'b'))
    writeFileSync(join(root, 'file'), '')
    assert.throws(() => resolveInside(root, '/a/x'), { code: 'INSTALL_OBSTACLE' })
  })
})
