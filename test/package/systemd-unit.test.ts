import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { AgentOptions } from '../../src/agent/options.ts'
import { agentWords } from '../../src/cli/agent-words.ts'
import { ControllerOptions } from '../../src/controller/options.ts'
import { controllerLayout } from '../../src/install/controller/layout.ts'
import { root } from '../architecture/tree.ts'

const unit = packaged('meshdns.service')
const controller = packaged('meshdns-controller.service')
const dropIn = packaged('meshdns-vm.conf')

function packaged(name: string): string {
  return readFileSync(join(root, 'packaging', name), 'utf8')
}

/** All values that a unit gives a key, in order. */
function valuesOf(key: string, text = unit): string[] {
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '')
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

  it('has no fault that systemd-analyze sees', (t) => verify(t, { 'meshdns.service': unit }))
})

describe('packaging/meshdns-vm.conf', () => {
  it('reads what people wrote under what workload entry configure did', () => {
    assert.deepEqual(valuesOf('EnvironmentFile', dropIn), [
      '-/var/lib/istio/envoy/sidecar.env',
      '/var/lib/istio/envoy/cluster.env',
    ])
  })

  it('starts the agent in place of the unit’s own words', () => {
    const [none, words = ''] = valuesOf('ExecStart', dropIn)
    assert.equal(none, '')
    assert.equal(
      words,
      '/usr/bin/meshdns agent --mesh-config /etc/istio/config/mesh' +
        ' --environment-file /var/lib/istio/envoy/sidecar.env --environment-file /var/lib/istio/envoy/cluster.env',
    )
  })

  it('has no fault that systemd-analyze sees', (t) =>
    verify(t, { 'meshdns.service': unit, 'meshdns.service.d/vm.conf': dropIn }))
})

describe('packaging/sidecar.env', () => {
  it('sets nothing, and names variables that there are', () => {
    const text = packaged('sidecar.env')
    assert.deepEqual(parseEnv(text), {})
    const known = new Set(agentWords(AgentOptions).map(({ spec }) => spec.env))
    const named = [...text.matchAll(/^# (MESHDNS_\w+)=/gm)].map((match) => match[1])
    assert.ok(named.length > 1)
    for (const name of named) assert.ok(known.has(name), name)
  })
})

describe('packaging/meshdns-controller.service', () => {
  it('runs as a user of its own that sysusers.d makes', () => {
    const [user = ''] = valuesOf('User', controller)
    assert.ok(!['', 'root', ...valuesOf('User')].includes(user))
    assert.match(packaged('meshdns-controller.sysusers.conf'), new RegExp(`^u ${user} `, 'm'))
  })

  it('has no right at all', () => {
    assert.deepEqual(valuesOf('AmbientCapabilities', controller), [''])
    assert.deepEqual(valuesOf('CapabilityBoundingSet', controller), [''])
    assert.deepEqual(valuesOf('NoNewPrivileges', controller), ['yes'])
  })

  it('keeps its state to itself', () => {
    assert.deepEqual(valuesOf('StateDirectory', controller), ['meshdns-controller'])
    assert.deepEqual(valuesOf('StateDirectoryMode', controller), ['0700'])
  })

  it('has no fault that systemd-analyze sees', (t) =>
    verify(t, { 'meshdns-controller.service': controller }))
})

/** Has systemd look at units and what is added to them; ours are not installed here. */
function verify(test: TestContext, files: Readonly<Record<string, string>>): void {
  if (isMissing('systemd-analyze')) return test.skip('systemd-analyze is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'meshdns-unit-'))
  test.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    const found = text.replaceAll(/\/usr\/(bin\/meshdns|lib\/meshdns\/[\w-]+)/g, '/bin/true')
    writeFileSync(join(folder, name), found)
  }
  const [name = ''] = Object.keys(files)
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', join(folder, name)], {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
  })
  assert.deepEqual(
    (stdout + stderr).split('\n').filter((line) => /meshdns|vm\.conf/.test(line)),
    [],
  )
}

describe('packaging/controller.yaml', () => {
  it('holds options that the controller knows, for the folders that are installed', () => {
    const options = ControllerOptions.parse(parse(packaged('controller.yaml')))
    const { mesh, objects, state } = controllerLayout
    assert.deepEqual(
      [options.meshConfig, options.sources, options.stateFolder],
      [mesh, [objects], state],
    )
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
