import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

const program = fileURLToPath(new URL('../../scripts/run-tests.ts', import.meta.url))

const files = {
  'good.test.ts': "import { it } from 'node:test'\nit('holds', () => {})",
  'bad.test.ts': `import { describe, it } from 'node:test'
    console.warn('NOT CHECKED: the moon')
    describe('a group', () => {
      it('is wrong', () => { throw new Error('two are not one\\nmore of it') })
      it('holds', () => {})
      it('is left out', { skip: 'no moon here' }, () => {})
    })`,
  'ends.test.ts': 'process.exit(3)',
  'test/chance.test.ts': `import { mkdirSync } from 'node:fs'
    import { it } from 'node:test'
    it('works when it was tried before', () => {
      if (mkdirSync(import.meta.dirname + '/tried', { recursive: true })) throw new Error('by chance')
    })`,
  'test/wrong.test.ts': `import { it } from 'node:test'
    it('never works', () => { throw new Error('a defect') })`,
  'hangs.test.ts': `import { it } from 'node:test'
    it('waits', { timeout: 1 }, () => new Promise(() => setInterval(() => {}, 1_000)))`,
}

/** Runs some of them alone, as one process; the runner does nothing in a test. */
async function runFiles(test: TestContext, ...names: readonly (keyof typeof files)[]) {
  const folder = await temporaryFolder(test)
  for (const name of names) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, files[name])
  }
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const isShort = names.includes('hangs.test.ts')
  const env = isShort ? { ...inherited, TEST_PATIENCE_MS: '100' } : inherited
  const argv = [program, join(folder, '**/*.test.ts')]
  const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8', env })
  return { status, lines: stdout.trim().split('\n') }
}

describe('the runner of all tests', () => {
  it('ends well when all is well, and says what took how long', async (test) => {
    const { status, lines } = await runFiles(test, 'good.test.ts')
    assert.equal(status, 0)
    assert.ok(lines.includes('ℹ pass 1'))
    assert.match(lines.at(-1) ?? '', /^ +[\d.]+ s {2}.*good\.test\.ts$/)
  })

  it('names at its end what was skipped and what failed, and where', async (test) => {
    const { status, lines } = await runFiles(test, 'good.test.ts', 'bad.test.ts', 'ends.test.ts')
    assert.equal(status, 1)
    assert.ok(lines.includes('NOT CHECKED: the moon'))
    const failed = lines.filter((line) => line.startsWith('FAILED'))
    assert.deepEqual(failed, lines.slice(-2))
    assert.match(lines.at(-3) ?? '', /^SKIPPED {2}in .*bad\.test\.ts: no moon here$/)
    assert.match(failed.join('\n'), /bad\.test\.ts: is wrong: two are not one more of it$/m)
    assert.match(failed.join('\n'), /ends\.test\.ts: test failed$/m)
  })

  it('runs again by itself what may have failed by chance, and says so', async (test) => {
    const { status, lines } = await runFiles(test, 'good.test.ts', 'test/chance.test.ts')
    assert.equal(status, 0)
    assert.match(
      lines.at(-1) ?? '',
      /^FLAKY .*chance\.test\.ts: .*works when it was tried before: by chance$/,
    )
  })

  it('takes no defect for chance', async (test) => {
    const { status, lines } = await runFiles(test, 'test/chance.test.ts', 'test/wrong.test.ts')
    assert.equal(status, 1)
    assert.match(lines.at(-2) ?? '', /^FLAKY .*chance\.test\.ts/)
    assert.match(lines.at(-1) ?? '', /^FAILED .*wrong\.test\.ts: never works: a defect$/)
  })

  it('ends a file that does not end', async (test) => {
    const { status, lines } = await runFiles(test, 'hangs.test.ts')
    assert.equal(status, 1)
    assert.match(lines.join('\n'), /hangs\.test\.ts has not ended in 0\.101 s$/m)
    assert.match(lines.at(-1) ?? '', /^FAILED {2}.*hangs\.test\.ts: /)
  })

  it('does not take no tests for good ones', async (test) => {
    assert.equal((await runFiles(test)).status, 1)
  })
})
