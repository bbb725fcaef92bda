import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { readForeignFile } from './read-foreign-file.ts'

interface Case {
  readonly name: string
  /** `root` is the folder that is the root of whoever makes it. */
  readonly make: (path: string, root: string) => void
  readonly want: string | undefined
}

const cases: readonly Case[] = [
  { name: 'a file', make: (path) => writeFileSync(path, 'text'), want: 'text' },
  { name: 'an empty file', make: (path) => writeFileSync(path, ''), want: '' },
  {
    name: 'a file of just as many octets as there may be',
    make: (path) => writeFileSync(path, '0123456789'),
    want: '0123456789',
  },
  {
    name: 'a longer file',
    make: (path) => writeFileSync(path, '0123456789a'),
    want: undefined,
  },
  { name: 'nothing', make: () => {}, want: undefined },
  { name: 'a folder', make: (path) => mkdirSync(path), want: undefined },
  {
    name: 'a file behind a link, from the root of whoever made that',
    make: (path) => symlinkSync('/run/own', path),
    want: 'own',
  },
  {
    name: 'a file behind a link that climbs no further than to the root',
    make: (path) => symlinkSync('../../run/own', path),
    want: 'own',
  },
  {
    name: 'a file of ours behind a link that names it',
    make: (path, root) => symlinkSync(join(root, '../secret'), path),
    want: undefined,
  },
  {
    name: 'a file of ours behind a link that climbs to it',
    make: (path) => symlinkSync('../secret', path),
    want: undefined,
  },
  {
    name: 'a link that leads to itself',
    make: (path) => symlinkSync('file', path),
    want: undefined,
  },
  {
    name: 'a pipe that nobody writes into',
    make: (path) => execFileSync('mkfifo', [path]),
    want: undefined,
  },
]

const skip = process.platform === 'linux' ? false : 'Linux only'

describe('readForeignFile', { skip }, () => {
  for (const { name, make, want } of cases) {
    it(`gives ${want === undefined ? 'nothing' : 'the text'} of ${name}`, async (test) => {
      const outside = await temporaryFolder(test)
      writeFileSync(join(outside, 'secret'), 'secret')
      const root = join(outside, 'root')
      mkdirSync(join(root, 'run'), { recursive: true })
      writeFileSync(join(root, 'run/own'), 'own')
      make(join(root, 'file'), root)
      assert.equal(await readForeignFile({ root, path: '/file' }, 10), want)
    })
  }

  it('gives nothing of a device', async () => {
    assert.equal(await readForeignFile({ root: '/dev', path: 'zero' }), undefined)
  })
})
