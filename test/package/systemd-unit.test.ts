import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { AgentOptions } from '../../src/agent/options.ts'
import { root } from '../architecture/tree.ts'

const unit = readFileSync(join(root, 'packaging/meshdns.service'), 'utf8')

/** All values that the unit gives a key, in order. */
function valuesOf(key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '')
}

function isMissing(program: string): boolean {
  return spawnSync(program, ['--version']).error !== undefined
}

describe('packaging/meshdns.service', () => {
  it('runs as a user of its own that sysusers.d makes', () => {
    const [user = ''] = valuesOf('User')
    assert.notEqual(user, 'root')
    const made = readFileSync(join(root, 'packaging/meshdns.sysusers.conf'), 'utf8')
    assert.match(made, new RegExp(`^u ${user} `, 'm'))
  })

  it('has CAP_NET_ADMIN and no other right', () => {
    assert.deepEqual(valuesOf('AmbientCapabilities'), ['CAP_NET_ADMIN'])
    assert.deepEqual(valuesOf('CapabilityBoundingSet'), ['CAP_NET_ADMIN'])
    assert.deepEqual(valuesOf('NoNewPrivileges'), ['yes'])
  })

  it('reloads on SIGHUP, comes back after a crash, and removes rules when it is over', () => {
    assert.match(valuesOf('ExecReload').join(), /kill -HUP \$MAINPID/)
    assert.deepEqual(valuesOf('Restart'), ['on-failure'])
    assert.equal(valuesOf('ExecStopPost').length > 0, true)
  })

  it('lets V8 make code', () => {
    assert.deepEqual(valuesOf('MemoryDenyWriteExecute'), [])
  })

  it('has no fault that systemd-analyze sees', (t) => {
    if (isMissing('systemd-analyze')) return t.skip('systemd-analyze is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'meshdns-unit-'))
    const file = join(folder, 'meshdns.service')
    writeFileSync(file, unit.replaceAll(/\/usr\/(bin\/meshdns|lib\/meshdns\/[\w-]+)/g, '/bin/true'))
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    const ours = (stdout + stderr).split('\n').filter((line) => line.includes('meshdns.service'))
    assert.deepEqual(ours, [])
  })
})

describe('packaging/agent.yaml', () => {
  it('holds options that the agent knows', () => {
    const text = readFileSync(join(root, 'packaging/agent.yaml'), 'utf8')
    const options = AgentOptions.parse(parse(text))
    assert.equal(options.captureEnabled, true)
    assert.deepEqual(options.sources, ['/etc/meshdns/services'])
  })

  it('keeps its state where the unit may write', () => {
    assert.deepEqual(valuesOf('StateDirectory'), ['meshdns'])
    const text = readFileSync(join(root, 'packaging/agent.yaml'), 'utf8')
    assert.equal(AgentOptions.parse(parse(text)).stateFolder, '/var/lib/meshdns')
  })
})
