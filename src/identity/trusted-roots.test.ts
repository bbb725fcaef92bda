import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { createOwnRoot } from './own-root.ts'
import { noRoots, TrustedRoots } from './trusted-roots.ts'

const one = await createOwnRoot('one', 0).then(({ certificate }) => certificate)
const two = await createOwnRoot('two', 0).then(({ certificate }) => certificate)
const three = await createOwnRoot('three', 0).then(({ certificate }) => certificate)

interface Case {
  readonly name: string
  /** The file at the start, what the controller sends, the file afterwards; empty for no file. */
  readonly steps: readonly [string, string, string]
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'the file, until something comes', steps: [one, '', one], want: one },
  { name: 'what came, while the file is the same', steps: [one, two, one], want: two },
  { name: 'what came, when the file goes away', steps: [one, two, ''], want: two },
  { name: 'the file, when somebody changed it', steps: [one, two, three], want: three },
  { name: 'the file, when it has what came', steps: [one, two, two], want: two },
  { name: 'all of a bundle, each root once', steps: [one, one + two + one, one], want: one + two },
]

describe('the roots that are trusted', () => {
  for (const { name, steps, want } of cases) {
    it(`are ${name}`, async (test) => {
      const file = join(await temporaryFolder(test), 'root-cert.pem')
      const [before, sent, after] = steps
      await writeFile(file, before)
      const roots = new TrustedRoots(file, noRoots)
      if (sent !== '') await roots.accept(sent)
      if (after === '') await rm(file)
      else await writeFile(file, after)
      assert.equal(await roots.current(), want)
      const again = new TrustedRoots(file, roots.received())
      assert.equal(await again.current(), want)
    })
  }

  for (const [name, text] of [
    ['empty', ''],
    ['damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  ] as const) {
    it(`are refused when the file is ${name}`, async (test) => {
      const file = join(await temporaryFolder(test), 'root-cert.pem')
      await writeFile(file, text)
      const roots = new TrustedRoots(file, noRoots)
      await assert.rejects(roots.current(), { code: 'IDENTITY_ROOTS_MISSING' })
    })
  }
})
