import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { runProgram } from '../program.ts'

/** A page that says 503 so many times, and then 200. */
async function pageAfter(test: TestContext, refusals: number): Promise<string> {
  let asked = 0
  const server = createServer((_, response) => {
    response.statusCode = asked < refusals ? 503 : 200
    asked += 1
    response.end()
  })
  test.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz/ready`
}

async function wait(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io = { stdin: process.stdin, stdout, stderr, env: {}, clock: systemClock, color: false }
  const code = await runProgram(['wait', ...words], io)
  return { code, said: String(stderr.read() ?? '') }
}

describe('meshdns wait', () => {
  it('ends when the agent is ready', async (test) => {
    assert.equal((await wait('--url', await pageAfter(test, 2))).code, 0)
  })

  it('ends with 3 when that takes too long', async (test) => {
    const url = await pageAfter(test, Number.POSITIVE_INFINITY)
    const { code, said } = await wait('--url', url, '--timeoutSeconds', '0')
    assert.equal(code, 3)
    assert.match(said, /the agent is not ready after 0 seconds/)
  })

  it('refuses a time that is none', async () => {
    assert.equal((await wait('--timeoutSeconds', 'long')).code, 2)
  })
})
