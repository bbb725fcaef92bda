import assert from 'node:assert/strict'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { tokenBindingFile } from './token-binding-file.ts'
import { TokenBindings } from './token-bindings.ts'

const dayMs = 86_400_000

async function open(test: TestContext) {
  const file = tokenBindingFile(await temporaryFolder(test))
  const clock = new FakeClock()
  const reopen = () => TokenBindings.open(file, { clock, log: silentLog })
  return { file, clock, reopen, bindings: await reopen(), end: clock.wall() + 1_000 }
}

describe('a token that got a certificate', () => {
  it('works again with the same key, and with no other, also after a restart', async (test) => {
    const { bindings, reopen, end } = await open(test)
    assert.ok(!bindings.isBound('a'))
    assert.ok(await bindings.bind('a', 'key one', end))
    for (const known of [bindings, await reopen(), await reopen()]) {
      assert.ok(known.isBound('a'))
      assert.ok(await known.bind('a', 'key one', end))
      assert.ok(!(await known.bind('a', 'key two', end)))
    }
    assert.ok(await bindings.bind('b', 'key two', end))
  })

  it('belongs to one of two keys that come at once', async (test) => {
    const { bindings, end } = await open(test)
    const both = ['key one', 'key two'].map((key) => bindings.bind('a', key, end))
    assert.deepEqual(await Promise.all(both), [true, false])
  })

  it('is forgotten when it has expired for long, on disk at the next start', async (test) => {
    const { bindings, clock, file, reopen, end } = await open(test)
    await Promise.all(Array.from({ length: 1_024 }, (_, n) => bindings.bind(`${n}`, 'key', end)))
    clock.advance(8 * dayMs)
    await bindings.bind('new', 'key', clock.wall() + 1_000)
    assert.ok(!bindings.isBound('0'))
    assert.ok((await reopen()).isBound('new'))
    assert.equal((await readFile(file, 'utf8')).split('\n').length, 2)
  })

  it('is good for no other key after a start with a clock that was a day ahead', async (test) => {
    const { bindings, clock, reopen, end } = await open(test)
    await bindings.bind('a', 'key one', end)
    clock.jump(dayMs)
    await reopen()
    clock.jump(-dayMs)
    assert.ok(!(await (await reopen()).bind('a', 'key two', end)))
  })

  it('is known though the last line was cut short, and though the file is missing', async (test) => {
    const { bindings, file, reopen, end } = await open(test)
    await bindings.bind('a', 'key', end)
    await appendFile(file, '{"id":"b","ke')
    const again = await reopen()
    assert.ok(again.isBound('a'))
    assert.ok(!again.isBound('b'))
  })

  it('is known in memory where the file cannot be written', async (test) => {
    const { bindings, file, end } = await open(test)
    await mkdir(file)
    assert.ok(await bindings.bind('a', 'key one', end))
    assert.ok(!(await bindings.bind('a', 'key two', end)))
  })
})
