import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { floors } from './floors.ts'
import { findFloorBreaks } from './imports.ts'
import { isProduct, readSources, root, type TreeFile } from './tree.ts'

interface Case {
  readonly name: string
  readonly file: TreeFile
  readonly want: string
}

const cases: readonly Case[] = [
  {
    name: 'names a file that imports from a floor above',
    file: { path: 'src/wire/a.ts', text: "import { x } from '../registry/b.ts'\n" },
    want: 'src/wire/a.ts imports src/registry/b.ts: imports go down only',
  },
  {
    name: 'names a file that imports from its own floor',
    file: { path: 'src/serve/a.ts', text: "import {\n  x,\n  y,\n} from '../capture/b.ts'\n" },
    want: 'src/serve/a.ts imports src/capture/b.ts: rooms on one floor do not know each other',
  },
  {
    name: 'counts types, too',
    file: { path: 'src/ip/a.ts', text: "import type { X } from '../wire/b.ts'\n" },
    want: 'src/ip/a.ts imports src/wire/b.ts: imports go down only',
  },
  {
    name: 'counts re-exports',
    file: { path: 'src/ip/a.ts', text: "export { x } from '../sys/b.ts'\n" },
    want: 'src/ip/a.ts imports src/sys/b.ts: rooms on one floor do not know each other',
  },
  {
    name: 'counts dynamic imports',
    file: { path: 'src/base/a.ts', text: "const x = await import('../cli/main.ts')\n" },
    want: 'src/base/a.ts imports src/cli/main.ts: imports go down only',
  },
  {
    name: 'counts worker files',
    file: { path: 'src/serve/a.ts', text: "new Worker(new URL('../agent/w.ts', import.meta.url))" },
    want: 'src/serve/a.ts imports src/agent/w.ts: imports go down only',
  },
  {
    name: 'keeps fakes out of the product',
    file: { path: 'src/serve/a.ts', text: "import { F } from '../testing/fake-clock.ts'\n" },
    want: 'src/serve/a.ts imports src/testing/fake-clock.ts: only tests may use src/testing',
  },
  {
    name: 'asks for every room to have a floor',
    file: { path: 'src/attic/a.ts', text: "import { x } from '../base/clock.ts'\n" },
    want: 'src/attic/a.ts imports src/base/clock.ts: attic is not on the list of floors',
  },
]

describe('the floors', () => {
  it('are kept by every import of src', () => {
    assert.deepEqual(findFloorBreaks(readSources()), [])
  })

  it('load the package for kubeconfigs only when one is read', () => {
    const eager =
      /\bfrom '(@kubernetes\/client-node|.*\/(kubeconfig-access|kept-connections)\.ts)'$/m
    const found = readSources().filter((file) => isProduct(file) && eager.test(file.text))
    const folder = 'src/kubernetes/client'
    assert.deepEqual(
      found.map(({ path }) => path),
      [`${folder}/kept-connections.ts`, `${folder}/kubeconfig-access.ts`],
    )
  })

  it('know every room', () => {
    const listed = new Set(floors.flat())
    const rooms = readdirSync(join(root, 'src')).filter((room) => room !== 'testing')
    assert.deepEqual(
      rooms.filter((room) => !listed.has(room)),
      [],
    )
  })

  it('hold each room once', () => {
    assert.equal(new Set(floors.flat()).size, floors.flat().length)
  })
})

describe('findFloorBreaks', () => {
  for (const { name, file, want } of cases) {
    it(name, () => assert.deepEqual(findFloorBreaks([file]), [want]))
  }

  it('lets imports go down, stay in the room, and go to packages', () => {
    const text = [
      "import { a } from '../base/clock.ts'",
      "import { b } from './b.ts'",
      "import { c } from 'node:net'",
      "// import { d } from '../agent/d.ts'",
    ].join('\n')
    assert.deepEqual(findFloorBreaks([{ path: 'src/serve/a.ts', text }]), [])
  })

  it('lets tests use the fakes', () => {
    const text = "import { FakeClock } from '../testing/fake-clock.ts'\n"
    assert.deepEqual(findFloorBreaks([{ path: 'src/serve/a.test.ts', text }]), [])
  })
})
