import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { readForeignFile } from './read-foreign-file.ts'

interface Case {
  readonly name: string
  readonly make: (path: string) => void
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
    name: 'a pipe that nobody writes into',
    make: (path) => execFileSync('mkfifo', [path]),
    want: undefined,
  },
]

describe('readForeignFile', () => {
  for (const { name, make, want } of cases) {
    it(`gives ${want === undefined ? 'nothing' : 'the text'} of ${name}`, async (test) => {
      const path = join(await temporaryFolder(test), 'file')
      make(path)
      assert.equal(await readForeignFile(path, 10), want)
    })
  }
})
