import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeBundle } from '../testing/bundle.ts'
import { meshdns } from '../testing/command-line.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readInstalledUnit } from './installed-unit.ts'

describe('readInstalledUnit', () => {
  it('takes what drop-ins add, and forgets what they reset', async (test) => {
    const folder = await temporaryFolder(test)
    const root = join(folder, 'image')
    mkdirSync(root)
    const { status, stderr } = meshdns(
      'vm',
      'install',
      writeBundle(join(folder, 'vm1')),
      '--root',
      root,
    )
    assert.equal(status, 0, stderr)
    const { start, environmentFiles, user, boundingCapabilities } = readInstalledUnit(
      root,
      'meshdns.service',
    )
    assert.deepEqual(start.slice(0, 3), ['/usr/bin/meshdns', 'agent', '--mesh-config'])
    assert.deepEqual(environmentFiles, [
      { path: '/var/lib/istio/envoy/sidecar.env', mayBeMissing: true },
      { path: '/var/lib/istio/envoy/cluster.env', mayBeMissing: false },
    ])
    assert.deepEqual([user, boundingCapabilities], ['meshdns', ['net_admin']])
  })
})
