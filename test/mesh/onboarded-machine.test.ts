import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const golden = fileURLToPath(new URL('../../src/install/golden', import.meta.url))
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** As the unit starts it: `cluster.env` is the environment, and `mesh.yaml` the file of the mesh. */
const script =
  'set -a; . "$1/cluster.env"; exec "$2" "$3" agent --show-options --mesh-config "$1/mesh.yaml"'

/** Options that are not the default, each with its value. */
function optionsOf(folder: string): ReadonlyMap<string, string> {
  const argv = ['-c', script, 'sh', join(folder, 'out'), process.execPath, main]
  const { stdout, stderr, status } = spawnSync('sh', argv, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    timeout: 600_000,
  })
  assert.equal(status, 0, stderr)
  const rows = stdout.split('\n').map((line) => line.split(/ {2,}/))
  const given = rows.filter(([, , from]) => from !== undefined && from !== 'default')
  return new Map(given.map(([name = '', value = '']) => [name, value]))
}

describe('an agent understands what `workload entry configure` writes', () => {
  for (const name of readdirSync(golden)) {
    it(name, () => {
      const folder = join(golden, name)
      const environment = readFileSync(join(folder, 'out', 'cluster.env'), 'utf8')
      const isOn = /^ISTIO_META_DNS_CAPTURE='true'$/m.test(environment)
      const options = optionsOf(folder)
      assert.equal(options.get('captureEnabled') === 'true', isOn)
      assert.match(options.get('controller.addresses') ?? '', /^\["istiod.*\.svc:15012"\]$/)
      const [, namespace] = /^POD_NAMESPACE='(.*)'$/m.exec(environment) ?? []
      assert.equal(options.get('namespace'), JSON.stringify(namespace))
    })
  }
})
