import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { ControllerProcess } from '../../src/testing/controller-process.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { clusterTestsSkip } from './programs.ts'
import { GuardedMesh, systemNamespace } from './rights/guarded-mesh.ts'
import { type HostileEntry, hostileEntries, hostileTexts } from './rights/hostile-entries.ts'
import { entry, namespace, pod } from './rights/objects.ts'

const skip = await clusterTestsSkip()

/** A definition as somebody has it who checks nothing. */
const careless = JSON.stringify([
  {
    op: 'replace',
    path: '/spec/versions',
    value: ['v1', 'v1beta1', 'v1alpha3'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: { status: {} },
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
])

const maps = [
  ['istio', 'mesh'],
  ['istio-sidecar-injector', 'values'],
] as const

/** No line of a log is longer, whatever is in an object. */
const longestLine = 8_192
const mostMib = 700

describe('objects that nobody checked', { skip, timeout: 900_000 }, () => {
  let mesh: GuardedMesh
  let controller: ControllerProcess
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }

  before(async () => {
    mesh = await GuardedMesh.start(rig)
    const definition = ['crd', 'serviceentries.networking.istio.io']
    await mesh.cluster.must(['patch', ...definition, '--type=json', '-p', careless])
    await mesh.cluster.must(['delete', 'validatingwebhookconfiguration', '--all'])
    controller = await mesh.controller('one', { isAsked: true })
    await mesh.cluster.apply(
      namespace('shop', { 'istio-injection': 'enabled' }),
      namespace('hostile'),
    )
    await mesh.cluster.apply(entry('innocent'))
    await mesh.becomes(/^240\.240\.0\.1 /, '.status.addresses[*].value', ...innocent)
  })
  after(async () => {
    for (const stop of cleanUp) await stop()
  })

  const innocent = ['serviceentry', 'innocent', '-n', 'shop']
  let others = 0

  async function put({ name, metadata, spec, status }: HostileEntry): Promise<void> {
    const object = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { ...metadata, name, namespace: 'hostile' },
      ...(spec === undefined ? {} : { spec }),
    }
    await mesh.cluster.must(['create', '--validate=false', '-f', '-'], JSON.stringify(object))
    if (status === undefined) return
    const path = `/apis/networking.istio.io/v1/namespaces/hostile/serviceentries/${name}`
    // The controller may write at the same time.
    await eventually(async () => {
      const { metadata: current } = JSON.parse(await mesh.cluster.must(['get', '--raw', path]))
      const text = JSON.stringify({ ...object, metadata: current, status })
      await mesh.cluster.must(['replace', '--raw', `${path}/status`, '-f', '-'], text)
    })
  }

  /** Others are served as if nothing were. */
  async function harmsNobody(): Promise<void> {
    others += 1
    const name = `other${others}`
    await mesh.cluster.apply(entry(name))
    await mesh.becomes(/^240\.240\./, '.status.addresses[*].value', 'se', name, '-n', 'shop')
    assert.match(await mesh.see('.status.addresses[*].value', ...innocent), /^240\.240\.0\.1 /)
    assert.equal(controller.errors.text, '')
    for (const line of controller.log.lines) {
      assert.ok(line.length < longestLine, `a line of ${line.length}: ${line.slice(0, 300)}`)
    }
    controller.log.clear()
    const status = readFileSync(`/proc/${controller.pid}/status`, 'utf8')
    const mib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
    assert.ok(mib < mostMib, `${mib} MiB`)
  }

  for (const one of hostileEntries) {
    it(`harm nobody: ${one.name}`, async () => {
      const { name, isUsable = false } = one
      try {
        await put(one)
        if (!isUsable) await mesh.ails(controller, 'KUBERNETES_OBJECT_REFUSED', /hostile\//)
        await harmsNobody()
        await eventually(async () => {
          const items = await mesh.health(controller)
          assert.deepEqual(
            items.map(({ code }) => code),
            isUsable ? [] : ['KUBERNETES_OBJECT_REFUSED'],
            JSON.stringify(items),
          )
          for (const { detail } of items) {
            assert.ok(detail.length < longestLine, detail.slice(0, 300))
          }
        })
      } finally {
        await mesh.cluster.kubectl(['delete', 'serviceentry', name, '-n', 'hostile'])
      }
      await mesh.recovers(controller)
    })
  }

  for (const { name, text } of hostileTexts) {
    for (const [map, key] of maps) {
      it(`harm nobody: ${name} in ConfigMap ${map}`, async () => {
        const before = await mesh.see(`.data.${key}`, 'configmap', map, '-n', systemNamespace)
        await write(map, key, text)
        await mesh.ails(controller, 'CONTROLLER_MESH_CONFIG_MAP', new RegExp(map))
        await harmsNobody()
        await write(map, key, before)
        await mesh.recovers(controller)
      })
    }

    it(`harm nobody: ${name} in the annotation of a pod`, async () => {
      const create = async (annotations: object) => {
        const plain = pod('app')
        const annotated = { ...plain, metadata: { name: 'app', namespace: 'shop', annotations } }
        const words = ['create', '--dry-run=server', '-f', '-', '-o', 'yaml']
        return await mesh.cluster.kubectl(words, JSON.stringify(annotated))
      }
      await eventually(async () => (await create({})).stdout.includes('istio-proxy'))
      const { code, stderr } = await create({ 'proxy.istio.io/config': text.slice(0, 200_000) })
      assert.equal(code, 1)
      assert.match(stderr, /denied the request: .*annotation proxy\.istio\.io\/config/)
      assert.ok(stderr.length < longestLine, stderr.slice(0, 300))
      await harmsNobody()
    })
  }

  async function write(name: string, key: string, text: string): Promise<void> {
    const metadata = { name, namespace: systemNamespace }
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [key]: text } }
    await mesh.cluster.must(['replace', '-f', '-'], JSON.stringify(map))
  }
})
