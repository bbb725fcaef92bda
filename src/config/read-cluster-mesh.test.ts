import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readClusterMesh } from './read-cluster-mesh.ts'

const place = { namespace: 'mesh-system', revision: '' }

function read(mesh: string | undefined, values?: string) {
  return readClusterMesh({
    ...place,
    ...(mesh === undefined ? {} : { mesh: { text: mesh, file: 'mesh' } }),
    ...(values === undefined ? {} : { values: { text: values, file: 'values' } }),
  })
}

describe('readClusterMesh', () => {
  it('knows defaults, among them where the controller lives', () => {
    const { config, findings } = read(undefined)
    assert.deepEqual(findings, [])
    assert.equal(config?.namespace, 'mesh-system')
    assert.equal(config?.mesh.rootNamespace, 'mesh-system')
    assert.equal(config?.clusterName, '')
  })

  it('takes the mesh and the names of the values', () => {
    const values =
      '{"global":{"network":"n","meshID":"m","multiCluster":{"clusterName":"c"}},"x":1}'
    const { config } = read('rootNamespace: root\ntrustDomain: t.test\n', values)
    const { network, meshId, clusterName, mesh } = config ?? {}
    assert.deepEqual(
      { network, meshId, clusterName },
      { network: 'n', meshId: 'm', clusterName: 'c' },
    )
    assert.equal(mesh?.rootNamespace, 'root')
    assert.equal(mesh?.trustDomain, 't.test')
  })

  const faults = [
    {
      name: 'a mesh that is none',
      mesh: 'defaultConfig: 1\n',
      file: 'mesh',
      path: 'defaultConfig',
    },
    { name: 'YAML that is none', mesh: 'a: [\n', file: 'mesh', path: '' },
    { name: 'values that are no JSON', values: '{', file: 'values', path: '' },
    { name: 'values that are no map', values: '[1]', file: 'values', path: '' },
    {
      name: 'a value that is no text',
      values: '{"global":{"network":{"a":1}}}',
      file: 'values',
      path: 'global.network',
    },
  ] as const
  for (const { name, file, path, ...texts } of faults) {
    it(`refuses ${name}, and says where`, () => {
      const mesh = 'mesh' in texts ? texts.mesh : undefined
      const { config, findings } = read(mesh, 'values' in texts ? texts.values : undefined)
      assert.equal(config, undefined)
      const [finding] = findings.filter(({ severity }) => severity === 'error')
      assert.equal(finding?.file, file)
      assert.equal(finding?.path, path)
    })
  }
})
