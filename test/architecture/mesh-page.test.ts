import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CaFolder } from '../../src/identity/ca-folder.ts'
import { ensureOwnRoot } from '../../src/identity/own-root.ts'
import { openTokenKey } from '../../src/identity/token-key.ts'
import { meshdns, meshdnsReading } from '../../src/testing/command-line.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { blocksOf } from './pages.ts'
import { readTree } from './tree.ts'

const page = readTree(['docs'], ['.md']).find(({ path }) => path === 'docs/mesh.md')
const blocks = page ? blocksOf(page) : []

/** The first block that has this in it. */
function block(pattern: RegExp): string {
  const found = blocks.find(({ text }) => pattern.test(text))
  assert.ok(found, `docs/mesh.md has no block with ${pattern}`)
  return found.text
}

/** The words of the page's first command that begins so, without those. */
function wordsAfter(beginning: string): readonly string[] {
  const lines = blocks.flatMap(({ text }) => text.split('\n'))
  const line = lines.find((one) => one.replace(/^sudo /, '').startsWith(beginning))
  assert.ok(line, `docs/mesh.md does not call ${beginning}`)
  return line
    .replace(/^sudo /, '')
    .slice(beginning.length)
    .trim()
    .split(/\s+/)
}

/** The page leaves out folders that every machine has. */
function assertCreates(output: string, root: string, list: string): void {
  const lines = output.replaceAll(` ${root}/`, ' /').split('\n')
  assert.deepEqual(
    list.split('\n').filter((line) => !lines.includes(line)),
    [],
  )
}

/** A controller and a machine that are set up as the page does it. */
async function setUp(test: TestContext) {
  const folder = await temporaryFolder(test)
  const [controller, vm] = [join(folder, 'controller'), join(folder, 'vm')]
  for (const root of [controller, vm]) mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(vm, 'etc/hosts'), '127.0.0.1 localhost\n')
  const words = ['-y', '-f', '-', '--root', controller]
  const installed = meshdnsReading(block(/kind: IstioOperator/), 'install', ...words)
  assert.equal(installed.status, 0, installed.stderr)
  const at = (path: string) => join(controller, path)
  writeFileSync(at('etc/meshdns/objects/shop.yaml'), block(/kind: WorkloadGroup/))
  const state = at('var/lib/meshdns-controller')
  // As the controller does it when it starts.
  await ensureOwnRoot(new CaFolder(join(state, 'ca')), 'cluster.local', Date.now())
  await openTokenKey(state)
  const where = ['--mesh-config', at('etc/meshdns/mesh.yaml'), '--state-folder', state]
  const objects = ['--objects', at('etc/meshdns/objects'), '--ca-folder', join(state, 'ca')]
  const wanted = wordsAfter('meshdns workload entry configure').slice(0, -1)
  const bundle = join(folder, 'vm1')
  const entry = ['workload', 'entry', 'configure', ...wanted, bundle]
  const configured = meshdns(...entry, ...where, ...objects)
  assert.equal(configured.status, 0, configured.stderr)
  return { controller, vm, bundle, installed: installed.stdout }
}

describe('the page about a mesh', () => {
  it('shows the group that its command prints', () => {
    const { stdout } = meshdns(
      'workload',
      'group',
      'create',
      ...wordsAfter('meshdns workload group create'),
    )
    assert.equal(block(/kind: WorkloadGroup/), stdout)
  })

  it('shows the files that are written for a machine, and what installing them says', async (test) => {
    const { controller, vm, bundle, installed } = await setUp(test)
    assertCreates(installed, controller, block(/^created .*mesh\.yaml$/m))
    for (const [file, pattern] of [
      ['cluster.env', /^CANONICAL_REVISION=/],
      ['mesh.yaml', /^defaultConfig:/],
      ['hosts', /^192\.0\.2\.10 istiod/],
    ] as const) {
      assert.equal(block(pattern), readFileSync(join(bundle, file), 'utf8'), file)
    }
    const { stdout } = meshdns('vm', 'install', bundle, '--root', vm)
    assertCreates(stdout, vm, block(/^created .*cluster\.env$/m))
  })
})
