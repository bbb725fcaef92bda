import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { parseEnv } from 'node:util'
import type { Controller } from '../../src/controller/start-controller.ts'
import { formatSocketAddress } from '../../src/ip/socket-address.ts'
import { entryYaml } from '../../src/testing/entry-yaml.ts'
import { runCli } from '../../src/testing/run-cli.ts'
import { startTestController } from '../../src/testing/start-test-controller.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { startControllerEnd } from './controller-end.ts'

/** A controller that is called otherwise than usual in every way. */
const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  revision: canary
  meshConfig: { trustDomain: mesh.test }
  values:
    global:
      istioNamespace: mesh
      meshID: mesh1
      network: net1
      multiCluster: { clusterName: cluster1 }
`

const group = `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: shop, namespace: vms }
spec: { template: { serviceAccount: seller } }
`

async function startNamed(test: TestContext) {
  const [stateFolder, objects] = [await temporaryFolder(test), await temporaryFolder(test)]
  const meshConfig = join(stateFolder, 'iop.yaml')
  await writeFile(meshConfig, operator)
  await writeFile(join(objects, 'group.yaml'), group)
  await writeFile(join(objects, 'a.yaml'), entryYaml({ name: 'a', hosts: ['a.test'] }))
  const options = { sources: [objects], stateFolder, meshConfig, identity: { revisions: ['blue'] } }
  const controller = await startTestController(test, options)
  const config = join(stateFolder, 'controller.yaml')
  await writeFile(config, JSON.stringify(options))
  return { controller, config }
}

/** Runs the command, and has the files say the port that the controller has here. */
async function onboard(test: TestContext, named: Awaited<ReturnType<typeof startNamed>>) {
  const folder = await temporaryFolder(test)
  const call = ['workload', 'entry', 'configure', '--name', 'shop', '-n', 'vms', '-o', folder]
  const where = ['--config', named.config, '--ingressIP', '127.0.0.1']
  return async (...words: readonly string[]) => {
    const { code, stderr } = await runCli([...call, ...where, ...words])
    assert.equal(code, 0, stderr)
    const port = named.controller.addresses().tls[0]?.port
    const read = async (name: string) => {
      const text = await readFile(join(folder, name), 'utf8')
      return text.replaceAll('.svc:15012', `.svc:${port}`)
    }
    const env = { ...parseEnv(await read('cluster.env')) }
    return { folder, stderr, mesh: await read('mesh.yaml'), env }
  }
}

async function knownProxies({ pages }: Controller): Promise<string> {
  const page = await fetch(`http://${formatSocketAddress(pages)}/debug/syncz`)
  return await page.text()
}

interface Case {
  readonly name: string
  readonly words: readonly string[]
  readonly host: string
}

const cases: readonly Case[] = [
  { name: 'its own revision', words: [], host: 'istiod-canary.mesh.svc' },
  { name: 'no revision', words: ['--revision', 'default'], host: 'istiod.mesh.svc' },
  {
    name: 'a revision of its options',
    words: ['--revision', 'blue'],
    host: 'istiod-blue.mesh.svc',
  },
]

describe('a controller with a revision, a namespace and a trust domain of its own', () => {
  for (const { name, words, host } of cases) {
    it(`is believed by a machine that knows it by ${name}`, { timeout: 600_000 }, async (test) => {
      const named = await startNamed(test)
      const { mesh, env, folder, stderr } = await (await onboard(test, named))(...words)
      assert.doesNotMatch(stderr, /would not believe it/)
      assert.match(mesh, new RegExp(`discoveryAddress: ${host}:`))
      assert.equal(env['TRUST_DOMAIN'], 'mesh.test')
      assert.equal(env['ISTIO_META_CLUSTER_ID'], 'cluster1')
      assert.equal(env['ISTIO_META_MESH_ID'], 'mesh1')
      assert.equal(env['ISTIO_META_NETWORK'], 'net1')
      const { catalog, ports } = await startControllerEnd(test, { folder, mesh, env })
      await until(() => catalog.services().has('a.test' as never))
      assert.deepEqual(ports.health.items(), [])
      const known = await knownProxies(named.controller)
      assert.match(known, /spiffe:\/\/mesh\.test\/ns\/vms\/sa\/seller/)
    })
  }

  it('warns when a machine is told a name that its certificate does not have', async (test) => {
    const named = await startNamed(test)
    const { stderr } = await (await onboard(test, named))('--revision', 'green')
    assert.match(stderr, /the certificate of this controller is not for istiod-green\.mesh\.svc/)
  })
})
