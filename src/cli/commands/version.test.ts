import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { runCli } from '../../testing/run-cli.ts'
import { startTestController } from '../../testing/start-test-controller.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { runProgram } from '../program.ts'

/** What `meshdns version -o json` says when a page says this. */
async function versions(test: TestContext, status: number, body: string) {
  const server = createServer((_, response) => {
    response.statusCode = status
    response.end(body)
  })
  test.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return await versionsAt((server.address() as AddressInfo).port)
}

async function versionsAt(port: number): Promise<Record<string, unknown>> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io = { stdin: process.stdin, stdout, stderr, env: {}, clock: new FakeClock(), color: false }
  const words = ['version', '--controller-pages', `http://127.0.0.1:${port}`, '-o', 'json']
  assert.equal(await runProgram(words, io), 0)
  return JSON.parse(String(stdout.read())) as Record<string, unknown>
}

describe('meshdns version', () => {
  it('says that of a controller of ours', async (test) => {
    const { pages } = await startTestController(test)
    const { controller } = await versionsAt(pages.port)
    assert.equal(controller, '0.0.0')
  })

  it('says its own where the cluster is away', async (test) => {
    const kubeconfig = join(await temporaryFolder(test), 'kubeconfig')
    const cluster = { name: 'c', cluster: { server: 'https://127.0.0.1:9' } }
    const context = { name: 'c', context: { cluster: 'c', user: 'u' } }
    const user = { name: 'u', user: { token: 't' } }
    const all = { clusters: [cluster], contexts: [context], users: [user], 'current-context': 'c' }
    await writeFile(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...all }))
    const { code, stdout, stderr } = await runCli(['version', '--kubeconfig', kubeconfig])
    assert.equal(code, 0)
    assert.match(stdout, /^client: \d.*\ncontroller: none answers\n$/)
    assert.match(stderr, /^warning: .*ECONNREFUSED/)
  })

  for (const { name, status, body, want } of [
    { name: 'what a page says', status: 200, body: '{"version":"1.2.3"}', want: '1.2.3' },
    {
      name: 'that of an istiod',
      status: 200,
      body: '1.27.0-abc-Clean\n',
      want: '1.27.0-abc-Clean',
    },
    { name: 'none where the page fails', status: 404, body: '{}', want: undefined },
  ]) {
    it(`says ${name}`, async (test) => {
      const { client, controller } = await versions(test, status, body)
      assert.match(String(client), /^\d+\.\d+\.\d+$/)
      assert.equal(controller, want)
    })
  }
})
