import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { validate } from '../../src/testing/validate.ts'

interface Case {
  readonly name: string
  /** Makes what is at the path. */
  readonly make: (path: string) => void
  /** What is said of it, behind the path. */
  readonly want: string
  readonly code: number
}

/** Root may read everything, unless it gives that right away. */
const withoutRights =
  process.getuid?.() === 0
    ? [
        'setpriv',
        ...['bounding-set', 'inh-caps'].map((set) => `--${set}=-dac_override,-dac_read_search`),
      ]
    : []

const cases: readonly Case[] = [
  {
    name: 'a YAML syntax error',
    make: (path) =>
      writeFileSync(path, 'kind: ServiceEntry\nspec:\n  hosts: [a.test\n  ports: []\n'),
    want: ':4:3: error[YAML_SYNTAX]: ',
    code: exitCodes.failed,
  },
  {
    name: 'a JSON syntax error',
    make: (path) => writeFileSync(path, '{ "kind": "ServiceEntry",\n  "spec": { }'),
    want: ':2:14: error[YAML_SYNTAX]: ',
    code: exitCodes.failed,
  },
  {
    name: 'an empty file',
    make: (path) => writeFileSync(path, ''),
    want: ':1:1: warning[NO_OBJECTS]: the file holds no objects',
    code: exitCodes.done,
  },
  {
    name: 'a binary file',
    make: (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0])),
    want: ':1:1: error[BINARY_FILE]: the file is not text in UTF-8',
    code: exitCodes.failed,
  },
  {
    name: 'a file of 100 MB',
    make(path) {
      writeFileSync(path, '')
      truncateSync(path, 100_000_000)
    },
    want: ':1:1: error[FILE_TOO_LARGE]: the file is larger than the limit of 32 MiB',
    code: exitCodes.failed,
  },
  {
    name: 'a file that may not be read',
    make(path) {
      writeFileSync(path, '')
      chmodSync(path, 0)
    },
    want: ':1:1: error[FILE_UNREADABLE]: it cannot be read: permission denied',
    code: exitCodes.failed,
  },
  {
    name: 'a folder that may not be read',
    make(path) {
      mkdirSync(path, { mode: 0 })
    },
    want: ':1:1: error[FILE_UNREADABLE]: it cannot be read: permission denied',
    code: exitCodes.failed,
  },
  {
    name: 'a missing folder',
    make() {},
    want: ':1:1: error[FILE_MISSING]: there is no such file or folder',
    code: exitCodes.failed,
  },
  {
    name: 'a folder without files',
    make: (path) => mkdirSync(path),
    want: ':1:1: notice[FOLDER_EMPTY]: the folder holds no .yaml, .yml or .json file',
    code: exitCodes.done,
  },
]

describe('meshdns validate, of files that cannot be used', () => {
  for (const { name, make, want, code: wantedCode } of cases) {
    it(`has one clear message for ${name}`, async (test) => {
      const path = join(await temporaryFolder(test), 'mesh.yaml')
      make(path)
      const { stdout, stderr, code } = validate(['-f', path], withoutRights)
      assert.equal(stderr, '')
      const [message = '', ...rest] = stdout.trimEnd().split('\n')
      assert.ok(message.startsWith(`${path}${want}`), message)
      const summary = rest.pop()
      assert.match(summary ?? '', /^0 objects, 0 services, /)
      // At most a hint stands between.
      assert.ok(rest.length <= 1 && rest.every((line) => /^ {2}hint: \w/.test(line)), stdout)
      assert.equal(rest.length, code === exitCodes.failed ? 1 : 0)
      assert.equal(code, wantedCode)
    })
  }

  it('says which file it is, among good ones, and reads those', async (test) => {
    const folder = await temporaryFolder(test)
    for (const [at, { make }] of cases.entries()) make(join(folder, `${at}.yaml`))
    const good =
      'kind: Service\napiVersion: v1\nmetadata: { name: a }\nspec: { clusterIP: 10.0.0.1 }\n'
    writeFileSync(join(folder, 'good.yaml'), good)
    const { stdout, code } = validate(['-f', folder], withoutRights)
    assert.equal(code, exitCodes.failed)
    for (const [at, { want, name }] of cases.entries()) {
      // In a folder, only what is there counts, and a folder inside may be empty.
      if (/missing|without files/.test(name)) continue
      assert.ok(stdout.includes(`${join(folder, `${at}.yaml`)}${want}`), `${name}:\n${stdout}`)
    }
    assert.match(stdout, /\n1 object, 1 service, 6 errors, 1 warning, 0 notices\n$/)
  })
})
