import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../base/clock.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import { ensureOwnRoot } from '../identity/own-root.ts'
import { formatSocketAddress } from '../ip/socket-address.ts'
import { openDeltaClient } from '../testing/delta-client.ts'
import { runCli } from '../testing/run-cli.ts'
import { startTestController } from '../testing/start-test-controller.ts'
import { until } from '../testing/until.ts'
import { controllerOption } from './ask-controller.ts'
import { commandList } from './command-list.ts'
import { outputOption } from './output.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

const objects = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: one }
spec:
  hosts: [one.test, '*.one.test']
  addresses: [10.9.0.1, 10.9.1.0/24]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 192.0.2.1, ports: { http: 8080 } }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: two }
spec:
  hosts: [two.test]
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 81 }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: faulty }
spec: { hosts: [] }
`

const caFolder = mkdtempSync(join(tmpdir(), 'meshdns-ca-'))
after(() => rmSync(caFolder, { recursive: true }))
await ensureOwnRoot(new CaFolder(caFolder), 'cluster.local', systemClock.wall())

/** What to call a command with for a result with something in it. */
const words: Readonly<Record<string, readonly string[]>> = {
  lookup: ['one.test'],
  explain: ['one.test'],
  'ca show': ['--ca-folder', caFolder],
}

/** Where values stand, as `fields` spells it. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`))
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = /^\d+$/.test(key) ? '*' : key
    return pathsOf(inner, path === '' ? name : `${path}.${name}`)
  })
}

function printOf(argv: readonly string[]): string {
  const options = { encoding: 'utf8', input: objects } as const
  return spawnSync(process.execPath, [main, ...argv], options).stdout
}

/** Of a controller that one agent is connected to. */
async function printOfController(test: TestContext, argv: readonly string[]): Promise<string> {
  const controller = await startTestController(test)
  const [where] = controller.addresses().plaintext
  assert.ok(where)
  const client = openDeltaClient(test, where)
  await until(() => client.responses > 0)
  const { stdout } = await runCli([...argv, '--controller', formatSocketAddress(controller.pages)])
  return stdout
}

const commands = await Promise.all(
  commandList.map(async (entry) => ({ name: entry.name, ...(await entry.load()) })),
)

describe('what commands print for programs', () => {
  it('is told by every command that prints it', () => {
    for (const { name, fields, options } of commands) {
      assert.equal(fields !== undefined, options.includes(outputOption), name)
    }
  })

  for (const { name, fields = [], options } of commands.filter((command) => command.fields)) {
    it(`is what ${name} says`, async (test) => {
      const readsFiles = options.some(({ flags }) => flags.startsWith('-f,'))
      const own = [...name.split(' '), '-o', 'json', ...(words[name] ?? [])]
      const stdout = options.includes(controllerOption)
        ? await printOfController(test, own)
        : printOf([...own, ...(readsFiles ? ['-f', '-'] : [])])
      const printed = new Set(pathsOf(JSON.parse(stdout)))
      const told = fields.map(({ path }) => path)
      assert.deepEqual(
        [...printed].filter((path) => !told.includes(path)),
        [],
      )
      const missing = fields.filter(({ path }) => !printed.has(path) && !path.endsWith('[]'))
      const allowed = /missing|resting/
      assert.deepEqual(
        missing.filter(({ says }) => !allowed.test(says)),
        [],
      )
    })
  }
})
