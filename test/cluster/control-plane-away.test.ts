import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import type { Container } from './node/container.ts'
import { InstalledRig } from './node/installed-rig.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

function entry(name: string): string {
  const metadata = { name, namespace: 'default' }
  const ports = [{ name: 'http', number: 80, protocol: 'HTTP' }]
  const endpoints = [{ address: '198.51.100.2' }]
  const spec = { hosts: [`${name}.internal`], ports, resolution: 'STATIC', endpoints }
  const apiVersion = 'networking.istio.io/v1'
  return JSON.stringify({ apiVersion, kind: 'ServiceEntry', metadata, spec })
}

describe('a pod whose control plane is away', { skip, timeout: 900_000 }, () => {
  let mesh: InstalledRig
  /** Held, as the API server cannot be asked for it while it is away. */
  let app: Container
  before(async () => {
    mesh = await InstalledRig.start(pageOperator)
    await mesh.deploy('app')
    const [pod = ''] = await mesh.rig.ready('default', 'app=app')
    app = await mesh.rig.container('default', pod, 'app')
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  const ask = async (name: string) => {
    const argv = ['dig', '+short', '+tries=1', '+time=30', name, 'A']
    return (await app.exec(argv)).stdout.trim()
  }

  const becomes = (name: string, address: string) =>
    eventually(async () => assert.equal(await ask(name), address))

  /** Asks over and over while something happens, until it is answered other than it should be. */
  const whileAsking = async (happening: () => Promise<unknown>) => {
    const over = new AbortController()
    const asking = (async () => {
      const wrong: string[] = []
      while (!over.signal.aborted && wrong.length === 0) {
        const said = await ask('auto.internal')
        if (said !== '240.240.0.1') wrong.push(said)
      }
      return wrong
    })()
    try {
      await happening()
    } finally {
      over.abort()
    }
    assert.deepEqual(await asking, [])
  }

  it('goes on when the leader is killed, and hears of what comes from the next one', async () => {
    const { cluster } = mesh.rig
    const lease = ['get', 'lease', 'meshdns-controller', '-n', 'istio-system']
    const holder = async () => {
      const said = await cluster.must([...lease, '-o', 'jsonpath={.spec.holderIdentity}'])
      return said.trim()
    }
    const first = await holder()
    await whileAsking(async () => {
      const pods = await mesh.rig.ready('istio-system', 'app=meshdns-controller')
      const leader = pods.find((pod) => first.includes(pod)) ?? ''
      const container = await mesh.rig.container('istio-system', leader, 'controller')
      await cluster.must(['delete', 'pod', '-n', 'istio-system', leader, '--force'])
      // It leads on until its node has heard of it.
      await container.ended
      await cluster.must(['apply', '-f', '-'], entry('after'))
      await becomes('after.internal', '240.240.0.2')
    })
    assert.notEqual(await holder(), first)
  })

  it('goes on when the API server is away, and hears of what comes after that', async () => {
    const { cluster } = mesh.rig
    await whileAsking(async () => {
      await cluster.stop('kube-apiserver')
      const { stdout } = await app.exec(['curl', '-sS', '--max-time', '60', 'auto.internal'])
      assert.equal(stdout, 'page-198.51.100.2 auto.internal\n')
      cluster.again('kube-apiserver')
      await cluster.ready()
      // It works on its schema for a while, which nobody needs here.
      await cluster.must(['apply', '--validate=false', '-f', '-'], entry('later'))
      await becomes('later.internal', '240.240.0.3')
    })
  })
})
