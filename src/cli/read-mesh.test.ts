import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatSocketAddress } from '../ip/socket-address.ts'
import { entryYaml } from '../testing/entry-yaml.ts'
import { runCli } from '../testing/run-cli.ts'
import { startTestController } from '../testing/start-test-controller.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))

const commands: readonly (readonly string[])[] = [
  ['services'],
  ['services', '-o', 'json'],
  ['addresses'],
  ['addresses', '-o', 'yaml'],
  ['explain', 'auto.internal'],
  ['explain', '240.240.0.1'],
  ['explain', 'example.com', '-o', 'json'],
]

describe('commands that look at a mesh', () => {
  it('say the same of a controller as of the files that it reads', async (test) => {
    const stateFolder = await temporaryFolder(test)
    const controller = await startTestController(test, { sources: [examples], stateFolder })
    const address = formatSocketAddress(controller.pages)
    for (const words of commands) {
      const ofFiles = await runCli([...words, '-f', examples])
      const ofController = await runCli([...words, '--controller', address])
      assert.equal(ofController.stdout, ofFiles.stdout, words.join(' '))
      assert.equal(ofController.code, 0)
    }
  })

  it('show virtual addresses of the families that the controller has', async (test) => {
    const families = () => [6] as const
    const controller = await startTestController(test, { sources: [examples] }, { families })
    const address = formatSocketAddress(controller.pages)
    const { stdout } = await runCli(['explain', 'auto.internal', '--controller', address])
    assert.match(stdout, /^auto\.internal: answered from the mesh with 2001:2::1\n/)
  })

  it('tell of a controller what was wrong with its files', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'bad.yaml'), entryYaml({ name: 'bad', hosts: ['under_score'] }))
    const controller = await startTestController(test, { sources: [folder] })
    const address = formatSocketAddress(controller.pages)
    const { stderr } = await runCli(['services', '--controller', address])
    assert.match(stderr, /bad\.yaml:\d+:\d+: error/)
  })

  const refused: readonly {
    readonly name: string
    readonly words: readonly string[]
    readonly want: RegExp
  }[] = [
    {
      name: 'nobody listens',
      words: ['services', '--controller', '127.0.0.1:9'],
      want: /error\[CLI_CONTROLLER_UNREACHABLE\].*\n {2}caused by: .*\nhint: Is `meshdns controller` running/,
    },
    {
      name: 'files are named as well',
      words: ['services', '-f', examples, '--controller', '127.0.0.1:9'],
      want: /error\[CLI_USAGE\]: files and a controller are named/,
    },
    {
      name: 'it is no address',
      words: ['explain', 'a.test', '--controller', 'nowhere'],
      want: /error\[IP_SOCKET_ADDRESS_SYNTAX\]/,
    },
  ]
  for (const { name, words, want } of refused) {
    it(`say what to do when ${name}`, async () => {
      const { stderr, code } = await runCli(words)
      assert.match(stderr, want)
      assert.notEqual(code, 0)
    })
  }
})
