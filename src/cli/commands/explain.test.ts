import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runCli } from '../../testing/run-cli.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'

const ports = [{ name: 'http', number: 80, protocol: 'HTTP' }]
const endpoints = [{ address: '192.0.2.7' }]

/** Where connections to port 80 go. */
const cases = [
  {
    name: 'its endpoints',
    host: 'a.test',
    spec: { resolution: 'STATIC', endpoints },
    want: 'carried to 192.0.2.7:80 (STATIC)',
  },
  {
    name: 'nowhere without endpoints',
    host: 'a.test',
    spec: { resolution: 'STATIC' },
    want: 'refused, there is no ready endpoint',
  },
  {
    name: 'the address that was dialled',
    host: 'a.test',
    spec: { resolution: 'NONE', addresses: ['192.0.2.9'] },
    want: 'goes to 192.0.2.9 itself',
  },
  {
    name: 'the name below a wildcard',
    host: '*.a.test',
    spec: { resolution: 'DYNAMIC_DNS', location: 'MESH_EXTERNAL' },
    want: 'carried to the name that the client sends (DYNAMIC_DNS)',
  },
]

describe('meshdns explain', () => {
  for (const { name, host, spec, want } of cases) {
    it(`says that connections go to ${name}`, async (test) => {
      const file = join(await temporaryFolder(test), 'entry.json')
      const entry = { apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry' }
      const all = { ...entry, metadata: { name: 'entry' }, spec: { hosts: [host], ports, ...spec } }
      await writeFile(file, JSON.stringify(all))
      const { stdout } = await runCli(['explain', '-f', file, host.replace('*', 'b')])
      assert.ok(stdout.includes(`port 80: ${want} (`), stdout)
    })
  }
})
