import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { linkedPaths } from './linked-paths.ts'

interface Case {
  readonly name: string
  /** Link by link, what it leads to. */
  readonly links: Readonly<Record<string, string>>
  readonly path: string
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'a plain file is its own end', links: {}, path: 'real/file', want: ['real/file'] },
  { name: 'what does not exist is its own end', links: {}, path: 'no/file', want: ['no/file'] },
  {
    name: 'a link to a file elsewhere',
    links: { 'a.conf': 'real/file' },
    path: 'a.conf',
    want: ['a.conf', 'real/file'],
  },
  {
    name: 'links in the middle of the way, as a ConfigMap has them',
    links: { '..data': 'real', 'a.yaml': '..data/file' },
    path: 'a.yaml',
    want: ['a.yaml', '..data', 'real/file'],
  },
  {
    name: 'a link upwards and one that dangles',
    links: { 'real/up': '../a', a: 'gone/../b' },
    path: 'real/up',
    want: ['real/up', 'a', 'b'],
  },
  {
    name: 'a link to the folder itself',
    links: { here: '.' },
    path: 'here/real',
    want: ['here', 'real'],
  },
]

for (const { name, links, path, want } of cases) {
  it(`linkedPaths: ${name}`, async (test) => {
    const folder = await temporaryFolder(test)
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real/file'), '')
    for (const [link, target] of Object.entries(links)) await symlink(target, join(folder, link))
    const found = await linkedPaths(join(folder, path))
    assert.deepEqual(
      found.map((one) => relative(folder, one)),
      want,
    )
  })
}

it('linkedPaths: an absolute link, and a circle that ends', async (test) => {
  const folder = await temporaryFolder(test)
  await symlink(join(folder, 'there'), join(folder, 'here'))
  assert.deepEqual(await linkedPaths(join(folder, 'here')), [
    join(folder, 'here'),
    join(folder, 'there'),
  ])
  await symlink('here', join(folder, 'there'))
  assert.ok((await linkedPaths(join(folder, 'here'))).length <= 41)
})
