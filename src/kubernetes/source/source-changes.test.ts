import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { hostname } from '../../testing/mesh.ts'
import { reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { watchEvents } from '../watch/meters.ts'
import { KubernetesSource } from './kubernetes-source.ts'
import { sourceKinds } from './source-kinds.ts'

const translate = { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true }

const served = sourceKinds.map(({ watched }) => ({ ...watched, version: watched.versions[0] }))

async function startRig(test: TestContext) {
  const rig = await reflectorRig(test, served)
  const source = await new KubernetesSource(translate, rig.ports).start()
  test.after(() => source.stop())
  await until(() => rig.api.streams() === sourceKinds.length)
  return {
    ...rig,
    source,
    heard: (kind: string) =>
      rig.ports.meters.cell(watchEvents, `${kind}.networking.istio.io`).value,
    putEntry(name: string) {
      const ports = [{ number: 80, name: 'http', protocol: 'HTTP' }]
      const spec = { hosts: [`${name}.test`], ports, resolution: 'DNS' }
      rig.api.put('serviceentries', { metadata: { name, namespace: 'ns1' }, spec })
    },
    hosts: () => [...source.services().keys()].toSorted(),
  }
}

describe('KubernetesSource, of what changes', () => {
  it('tells of a Sidecar, though no host is another', async (test) => {
    const rig = await startRig(test)
    const told: boolean[] = []
    rig.source.follow(({ hosts, sidecars }) => told.push(hosts.size === 0 && sidecars))
    rig.api.put('sidecars', {
      metadata: { name: 'default', namespace: 'ns1' },
      spec: { egress: [{ hosts: ['./*'] }] },
    })
    await until(() => told.length > 0)
    assert.deepEqual(told, [true])
  })

  it('has what waits for the end of a burst in force before it all means something else', async (test) => {
    const rig = await startRig(test)
    rig.putEntry('a')
    await until(() => rig.hosts().length === 1)
    rig.putEntry('b')
    await until(() => rig.heard('serviceentries') === 2)
    assert.deepEqual(rig.hosts(), ['a.test'])
    rig.source.translateAs({ ...translate, defaultExportTo: ['.'] })
    assert.deepEqual(rig.hosts(), ['a.test', 'b.test'])
    assert.deepEqual(rig.source.services().get(hostname('b.test'))?.[0]?.exportTo, ['ns1'])
  })

  it('has what a reload brings in force when that is done', async (test) => {
    const rig = await startRig(test)
    rig.putEntry('a')
    await until(() => rig.hosts().length === 1)
    rig.api.mute()
    rig.putEntry('b')
    await rig.source.reload()
    assert.deepEqual(rig.hosts(), ['a.test', 'b.test'])
  })
})
