import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readTextFile } from './read-text-file.ts'

const limitOctets = 32 * 1024 * 1024

interface Case {
  readonly name: string
  readonly octets: string | Uint8Array
  readonly want: { readonly text: string } | { readonly code: string }
}

const cases: readonly Case[] = [
  { name: 'plain text', octets: 'kind: Service\n', want: { text: 'kind: Service\n' } },
  { name: 'an empty file', octets: '', want: { text: '' } },
  { name: 'text beyond ASCII', octets: 'host: bücher.test', want: { text: 'host: bücher.test' } },
  {
    name: 'a byte order mark is no part of the text',
    octets: '\uFEFFa: 1',
    want: { text: 'a: 1' },
  },
  {
    name: 'octets that are not UTF-8',
    octets: Buffer.from([0x61, 0xff]),
    want: { code: 'BINARY_FILE' },
  },
  {
    name: 'text with NUL, such as UTF-16',
    octets: Buffer.from('a: 1', 'utf16le'),
    want: { code: 'BINARY_FILE' },
  },
]

describe('readTextFile', () => {
  for (const { name, octets, want } of cases) {
    it(name, async (test) => {
      const file = join(await temporaryFolder(test), 'file')
      await writeFile(file, octets)
      const read = await readTextFile(file, limitOctets)
      const got = read.kind === 'text' ? { text: read.text } : { code: read.finding.code }
      assert.deepEqual(got, want)
    })
  }

  it('gives the same hash for the same content, and another one for another', async (test) => {
    const file = join(await temporaryFolder(test), 'file')
    const hashes: unknown[] = []
    for (const text of ['a', 'b', 'a']) {
      await writeFile(file, text)
      const read = await readTextFile(file, limitOctets)
      hashes.push(read.kind === 'text' && read.hash)
    }
    assert.equal(hashes[0], hashes[2])
    assert.notEqual(hashes[0], hashes[1])
  })

  it('refuses a file of 100 MB with one clear finding, and does not read it', async (test) => {
    const file = join(await temporaryFolder(test), 'huge.yaml')
    await writeFile(file, '')
    await truncate(file, 100_000_000)
    const read = await readTextFile(file, limitOctets)
    assert.ok(read.kind === 'refused')
    assert.equal(read.finding.code, 'FILE_TOO_LARGE')
    assert.equal(read.finding.message, 'the file is larger than the limit of 32 MiB')
  })

  it('takes a file that is exactly as large as the limit', async (test) => {
    const file = join(await temporaryFolder(test), 'file')
    await writeFile(file, 'abcd')
    assert.equal((await readTextFile(file, 4)).kind, 'text')
    assert.equal((await readTextFile(file, 3)).kind, 'refused')
  })

  it('refuses a pipe without waiting for it', async (test) => {
    const pipe = join(await temporaryFolder(test), 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const read = await readTextFile(pipe, limitOctets)
    assert.equal(read.kind === 'refused' && read.finding.code, 'FILE_NOT_REGULAR')
  })

  it('says when a file is missing', async (test) => {
    const read = await readTextFile(join(await temporaryFolder(test), 'none'), limitOctets)
    assert.equal(read.kind === 'refused' && read.finding.code, 'FILE_MISSING')
  })
})
