import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { createRunTool } from './run-tool.ts'

const clock = new FakeClock()
const run = createRunTool({ clock, timeoutMs: 1_000 })

describe('a tool', () => {
  it('gets its input, and its output is the result', async () => {
    assert.equal(await run(['cat'], 'add table inet meshdns\n'), 'add table inet meshdns\n')
  })

  it('need not read its input', async () => {
    assert.equal(await run(['true'], 'x'.repeat(1 << 20)), '')
  })

  it('is looked for where rule programs live, after the given folders', async () => {
    const path = await createRunTool({ clock, path: '/opt/bin' })(['sh', '-c', 'echo $PATH'])
    assert.match(path, /^\/opt\/bin:.*\/usr\/sbin:/)
  })

  it('that is not installed is named, with a hint', async () => {
    await assert.rejects(run(['meshdns-no-such-tool', '-f', '-']), {
      code: 'CAPTURE_TOOL_MISSING',
      message: /cannot find meshdns-no-such-tool/,
      hint: /nftables/,
    })
  })

  for (const words of [
    'Error: Could not process rule: Operation not permitted',
    'Fatal: Permission denied (you must be root)',
  ]) {
    it(`is denied when it says «${words}»`, async () => {
      await assert.rejects(run(['sh', '-c', `echo '${words}' >&2; exit 1`]), {
        code: 'CAPTURE_DENIED',
        cause: new Error(words),
      })
    })
  }

  it('that fails in another way is refused, with its words as the cause', async () => {
    await assert.rejects(run(['sh', '-c', 'echo syntax error >&2; exit 2']), {
      code: 'CAPTURE_REFUSED',
      cause: new Error('syntax error'),
    })
  })

  it('has done what it was to do when it ended well, however late we hear of it', async () => {
    const startIn = <T>(start: () => T): T => {
      const started = start()
      const { pid } = started as ChildProcess
      while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
      return started
    }
    const ended = createRunTool({ clock, timeoutMs: 1_000, startIn })(['true'])
    clock.advance(1_000)
    assert.equal(await ended, '')
  })

  it('that hangs is killed', async () => {
    const hung = run(['sleep', '1000'])
    clock.advance(1_000)
    await assert.rejects(hung, { code: 'CAPTURE_TIMEOUT', message: /sleep 1000 took .* 1000 ms/ })
  })
})
