import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { NodeRig } from './node/node-rig.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: auto, namespace: shop }
spec:
  hosts: [auto.internal]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.2 }]
`

describe('what two revisions put into a cluster', { skip, timeout: 900_000 }, () => {
  let rig: NodeRig
  let bare: readonly string[]

  before(async () => {
    rig = await NodeRig.start()
    await rig.cluster.must(['create', 'namespace', 'shop'])
    await isEverywhere('serviceaccounts', 'default')
    await isEverywhere('configmaps', 'kube-root-ca.crt')
    bare = await everything(rig)
  })
  after(() => rig?.[Symbol.asyncDispose]())

  it('goes with the revision, and nothing else does', async () => {
    await meshdns(['install', '-y', '-f', '-'], pageOperator)
    await rig.cluster.must(['apply', '-f', '-'], entry)
    const given = '--for=jsonpath={.status.addresses[0].value}'
    await rig.cluster.must(['wait', given, '--timeout=300s', ...shopEntry])
    await isEverywhere('serviceaccounts', 'default')
    await isEverywhere('configmaps', 'kube-root-ca.crt')
    await isEverywhere('configmaps', 'istio-ca-root-cert')
    const alone = await everything(rig)
    const canary = ['--revision', 'canary']
    await meshdns(['install', '-y', '-f', '-', ...canary], pageOperator)
    assert.notDeepEqual(await everything(rig), alone)
    await meshdns(['uninstall', '-y', ...canary])
    await become(alone)
  })

  it('goes without a trace when all of it is purged', async () => {
    await meshdns(['install', '-y', '-f', '-', '--revision', 'canary'], pageOperator)
    await rig.cluster.must(['delete', ...shopEntry])
    const said = await meshdns(['uninstall', '-y', '--purge'])
    assert.match(said, /^removed Deployment istio-system\/meshdns-controller-canary$/m)
    assert.match(said, /^removed Namespace istio-system$/m)
    await become(bare)
  })

  it('is named where another revision was meant', async () => {
    const { stdout, stderr, code } = await rig.meshdns(['uninstall', '-y', '--revision', 'none'])
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(stderr, /^There is no control plane of the revision none in the cluster /)
  })

  /** Controllers make one for each namespace, a moment after it is there. */
  async function isEverywhere(kind: string, name: string): Promise<void> {
    const path = (field: string) => ['-o', `jsonpath={.items[*].metadata.${field}}`]
    const which = [kind, '-A', `--field-selector=metadata.name=${name}`]
    await eventually(async () => {
      const all = await rig.cluster.must(['get', 'namespaces', ...path('name')])
      assert.equal(await rig.cluster.must(['get', ...which, ...path('namespace')]), all)
    })
  }

  async function meshdns(words: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await rig.meshdns(words, input)
    assert.equal(code, 0, `${stdout}${stderr}`)
    return stdout
  }

  async function become(want: readonly string[]): Promise<void> {
    await eventually(async () => assert.deepEqual(await everything(rig), want))
  }
})

const shopEntry = ['serviceentry/auto', '-n', 'shop']

/** Every object of every kind, but for those that come and go by themselves. */
async function everything({ cluster }: NodeRig): Promise<readonly string[]> {
  const kinds = (await cluster.must(['api-resources', '--verbs=list', '-o', 'name'])).trim()
  const listed = kinds.split('\n').filter((kind) => !kind.startsWith('events'))
  const path =
    'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid}{"\\n"}{end}'
  const text = await cluster.must(['get', listed.join(','), '-A', '-o', path])
  return text.trim().split('\n').toSorted()
}
