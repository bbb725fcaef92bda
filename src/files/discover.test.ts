import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { discover } from './discover.ts'

interface Case {
  readonly name: string
  /** Files to make; a folder where the path ends in a slash. */
  readonly files: readonly string[]
  readonly links?: Readonly<Record<string, string>>
  readonly paths: readonly string[]
  readonly want: readonly string[]
  readonly findings?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'takes .yaml, .yml and .json at any depth, in the order of names',
    files: ['b.yml', 'a.yaml', 'c/z.json', 'c/d/e.yaml', 'note.txt', 'a.yaml~', 'README.md'],
    paths: ['.'],
    want: ['a.yaml', 'b.yml', 'c/d/e.yaml', 'c/z.json'],
  },
  {
    name: 'leaves out what is hidden',
    files: ['.a.yaml', '.git/b.yaml', '..data/c.yaml', 'd.yaml'],
    paths: ['.'],
    want: ['d.yaml'],
  },
  {
    name: 'takes a file that is named, whatever it is called, in the order given',
    files: ['b.yaml', '.hidden', 'plain'],
    paths: ['plain', 'b.yaml', '.hidden'],
    want: ['plain', 'b.yaml', '.hidden'],
  },
  {
    name: 'takes a file once that is named twice',
    files: ['sub/a.yaml', 'sub/b.yaml'],
    paths: ['sub/b.yaml', 'sub', 'sub/../sub/a.yaml'],
    want: ['sub/b.yaml', 'sub/a.yaml'],
  },
  {
    name: 'follows links to files and folders, and ends where they go in a circle',
    files: ['far/a.yaml', 'conf/'],
    links: { 'conf/far': '../far', 'conf/b.yaml': '../far/a.yaml', 'far/back': '../conf' },
    paths: ['conf'],
    want: ['conf/b.yaml', 'conf/far/a.yaml'],
  },
  {
    name: 'says when a path is missing, and goes on',
    files: ['a.yaml'],
    paths: ['none', 'a.yaml/none', 'a.yaml'],
    want: ['a.yaml'],
    findings: ['FILE_MISSING none', 'FILE_MISSING a.yaml/none'],
  },
  {
    name: 'says when a folder holds nothing',
    files: ['empty/', 'full/sub/', 'full/a.yaml'],
    paths: ['empty', 'full'],
    want: ['full/a.yaml'],
    findings: ['FOLDER_EMPTY empty'],
  },
  {
    name: 'says when a link leads nowhere, or in a circle of links',
    files: [],
    links: { 'a.yaml': 'gone', 'b.yaml': 'b.yaml', 'other.txt': 'gone' },
    paths: ['.'],
    want: [],
    findings: ['FILE_MISSING a.yaml', 'FILE_UNREADABLE b.yaml'],
  },
]

describe('discover', () => {
  for (const { name, files, links = {}, paths, want, findings = [] } of cases) {
    it(name, async (test) => {
      const folder = await temporaryFolder(test)
      for (const file of files) {
        await mkdir(join(folder, file, file.endsWith('/') ? '' : '..'), { recursive: true })
        if (!file.endsWith('/')) await writeFile(join(folder, file), '')
      }
      for (const [link, target] of Object.entries(links)) await symlink(target, join(folder, link))
      const found = await discover(paths.map((path) => join(folder, path)))
      const short = (path: string) => relative(folder, path)
      assert.deepEqual(found.files.map(short), want)
      assert.deepEqual(
        found.findings.map((finding) => `${finding.code} ${short(finding.file)}`),
        findings,
      )
    })
  }

  it('keeps paths as they were given', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), '')
    const path = relative(process.cwd(), folder)
    assert.deepEqual((await discover([path])).files, [join(path, 'a.yaml')])
  })
})
