import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { startScript } from '../network/scripted.ts'
import { MeshOfMachines } from './mesh-of-machines.ts'
import { selectingEntry } from './objects.ts'
import { Prober } from './prober.ts'
import { said } from './said.ts'

const skip = networkTestsSkip()

const operator = `${pageOperator}  values:
    pilot:
      env:
        PILOT_WORKLOAD_ENTRY_GRACE_PERIOD: 20s
`

/** How often the agent asks the application for its health; the first failure counts. */
const probe =
  '  probe: { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 60 }\n'

const host = 'web.mesh.test'
const where = 'where.mesh.test'
const own = '192.0.2.12'
const entryFile = `/var/lib/meshdns-controller/workload-entries/vms/web-${own}.yaml`

describe('a machine that registers by connecting', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines
  let prober: Prober
  let agent: HostProcess
  let application: HostProcess

  before(async () => {
    mesh = await MeshOfMachines.start(operator)
    const inGroup = { namespace: 'vms', app: 'web' }
    mesh.putObject('web.yaml', selectingEntry('web', { ...inGroup, host, resolution: 'STATIC' }))
    mesh.putObject(
      'where.yaml',
      selectingEntry('where', { ...inGroup, host: where, resolution: 'NONE' }),
    )
    await mesh.startController()
    await mesh.createGroup('shop')
    await mesh.createGroup('web', '--labels', 'app=web')
    const group = mesh.controller.root.read('/etc/meshdns/objects/group-web.yaml')
    mesh.putObject('group-web.yaml', group.replace('\nspec:\n', `\nspec:\n${probe}`))
    await Promise.all([
      mesh.onboard('vm1', { group: 'shop' }),
      mesh.onboard('vm2', { group: 'web', words: ['--autoregister'] }),
    ])
    application = await startApplication()
    await mesh.syncAgent('vm1')
    prober = await Prober.start(mesh, { on: 'vm1', names: [where] })
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  const startApplication = () => startScript(mesh.hosts, 'vm2', ['endpoint-main', 'web@0.0.0.0:80'])

  const isKept = () => existsSync(mesh.controller.root.file(entryFile))

  const curl = () => mesh.machine('vm1').run('curl', '-sS', host)

  it('becomes an endpoint that others resolve and connect to', async () => {
    await prober.sees(where, ['NXDOMAIN'])
    agent = await mesh.syncAgent('vm2')
    await prober.sees(where, ['NXDOMAIN', own])
    assert.equal((await curl()).stdout, `web ${host}\n`)
    const entry = mesh.controller.root.read(entryFile)
    assert.match(entry, /^kind: WorkloadEntry$/m)
    assert.match(entry, /^ {2}address: 192\.0\.2\.12$/m)
  })

  it('is no endpoint while its application is ill', async () => {
    application.child.kill('SIGKILL')
    await prober.sees(where, ['NXDOMAIN', own, 'NXDOMAIN'])
    assert.notEqual((await curl()).code, 0)
    application = await startApplication()
    await prober.sees(where, ['NXDOMAIN', own, 'NXDOMAIN', own])
    assert.equal((await curl()).stdout, `web ${host}\n`)
  })

  it('is kept when it comes back in time', async () => {
    agent.stdout.clear()
    const machine = mesh.machine('vm2')
    await machine.filter('cut', 'output', 'tcp dport 15012 reject with tcp reset')
    // The first packet on the connection ends it.
    mesh.putObject('external-auto.yaml')
    await said(agent, /"the controller is gone"/)
    await machine.removeFilter('cut')
    await said(agent, /"the table is the controller/)
    assert.equal((await curl()).stdout, `web ${host}\n`)
    assert.doesNotMatch(mesh.controller.root.read(entryFile), /disconnectedAt/)
  })

  it('is no more some time after it has left', async () => {
    assert.ok(isKept())
    agent.child.kill('SIGTERM')
    assert.equal(await agent.ended, 0)
    assert.ok(isKept())
    // The time in which it was away, and came back, did not end anything.
    await prober.sees(where, ['NXDOMAIN', own, 'NXDOMAIN', own, 'NXDOMAIN'])
    await prober.stop()
    assert.equal(isKept(), false)
    assert.notEqual((await curl()).code, 0)
  })
})
