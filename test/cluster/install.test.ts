import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { installsNodeAgents, installsNodeAgentsAlone } from './install-node-agents.ts'
import { refusesHalf } from './install-refused.ts'
import { repairsInstallation } from './install-repaired.ts'
import { definitionLines, InstallRig, playValidator } from './install-rig.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = await clusterTestsSkip()

describe('meshdns install --target cluster', { skip, timeout: 900_000 }, () => {
  let rig: InstallRig

  before(async () => {
    rig = await InstallRig.start()
    await playValidator(rig.cluster)
  })

  after(() => rig?.[Symbol.asyncDispose]())

  it('says what it would do, and does nothing, with --dry-run', async () => {
    const { stdout, stderr, code } = await rig.meshdns(
      ['install', '--dry-run', '-f', '-'],
      pageOperator,
    )
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^create Namespace istio-system\n/)
    assert.match(stdout, /^create Deployment istio-system\/meshdns-controller$/m)
    assert.match(stderr, /^Into the cluster test \(https:.*\), namespace istio-system\.$/m)
    assert.deepEqual(await rig.ownObjects(), [])
  })

  it('changes nothing where the account may not make all of it', () => refusesHalf(rig))

  it('tells why nothing comes up, and another run repairs it', () => repairsInstallation(rig))

  it('changes nothing the second time', async () => {
    const before = await rig.ownVersions()
    const { stdout, stderr, code } = await rig.meshdns(['install', '-y', '-f', '-'], pageOperator)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Everything is in its place already\.$/m)
    assert.doesNotMatch(stdout, /^(created|changed|removed)/m)
    assert.deepEqual(await rig.ownVersions(), before)
  })

  it('makes the mesh ConfigMap of the IstioOperator', async () => {
    const words = ['get', 'configmap', 'istio', '-n', 'istio-system', '-o', 'jsonpath={.data.mesh}']
    const mesh = parse(await rig.cluster.must(words)) as Record<string, unknown>
    assert.deepEqual(mesh['defaultConfig'], {
      discoveryAddress: 'istiod.istio-system.svc:15012',
      proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: 'true', ISTIO_META_DNS_CAPTURE: 'true' },
    })
  })

  it('changes what differs, names who changed it, and brings back what is missing', async () => {
    const { cluster } = rig
    await cluster.must([
      'scale',
      '-n',
      'istio-system',
      'deployment/meshdns-controller',
      '--replicas=1',
    ])
    await cluster.must(['delete', '-n', 'istio-system', 'role/meshdns-controller'])
    const looked = await rig.meshdns(['install', '--dry-run', '-f', '-'], pageOperator)
    const line =
      /^change Deployment istio-system\/meshdns-controller \(set back: kubectl changed \.spec\.replicas\)$/m
    assert.match(looked.stdout, line)
    assert.match(looked.stdout, /^create Role istio-system\/meshdns-controller$/m)
    const { stdout, code } = await rig.meshdns(['install', '-y', '-f', '-'], pageOperator)
    assert.equal(code, 0)
    assert.match(stdout, /^changed Deployment/m)
    assert.match(stdout, /^created Role /m)
    assert.equal((stdout.match(/^(created|changed|removed)/gm) ?? []).length, 2)
    const replicas = [
      'get',
      'deployment',
      '-n',
      'istio-system',
      '-o',
      'jsonpath={.items[*].spec.replicas}',
    ]
    assert.equal(await cluster.must(replicas), '2')
  })

  it('adds what is wanted besides, and takes away what is wanted no longer', async () => {
    const set = ['--set', 'values.pilot.autoscaleEnabled=true']
    const first = await rig.meshdns(['install', '-y', '-f', '-', ...set], pageOperator)
    assert.match(first.stdout, /^created HorizontalPodAutoscaler /m)
    const second = await rig.meshdns(['install', '-y', '-f', '-'], pageOperator)
    assert.match(second.stdout, /^removed HorizontalPodAutoscaler .*\(not wanted\)$/m)
  })

  it('waits for node agents, and takes away what they had when they are wanted no longer', () =>
    installsNodeAgents(rig))

  it('waits for no controllers where only node agents are installed', () =>
    installsNodeAgentsAlone(rig))

  it('says what the API server does not take', async () => {
    const set = ['--set', 'components.pilot.k8s.priorityClassName=No_Name']
    const { stderr, code } = await rig.meshdns(['install', '-y', '-f', '-', ...set], pageOperator)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /error\[INSTALL_APPLY_REFUSED\]: Deployment istio-system\/meshdns-controller/,
    )
    assert.match(stderr, /priorityClassName/)
  })

  it('prints with manifest generate what it applies, in a form that kubectl takes', async () => {
    const { stdout, code } = await rig.meshdns(['manifest', 'generate', '-f', '-'], pageOperator)
    assert.equal(code, 0)
    const kinds = parseAllDocuments(stdout).map((one) => one.get('kind'))
    assert.equal(kinds[0], 'Namespace')
    assert.equal(kinds.filter((kind) => kind === 'CustomResourceDefinition').length, 5)
    const words = ['diff', '--server-side', '--field-manager=meshdns', '-f', '-']
    const { code: differs, stdout: difference, stderr } = await rig.cluster.kubectl(words, stdout)
    assert.equal(differs, 0, difference + stderr)
  })

  it('installs a revision beside the default one', async () => {
    const words = ['install', '-y', '--revision', 'canary']
    const { stdout, stderr, code } = await rig.meshdns(words)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^DNS is not caught where no .* says so\. For all pods: --set /m)
    assert.doesNotMatch(stderr, /injects pods of the same namespaces/)
    assert.match(stdout, /^created Deployment istio-system\/meshdns-controller-canary$/m)
    assert.match(stdout, /label namespace NAME istio.io\/rev=canary$/m)
    const gone = await rig.meshdns(['uninstall', '-y', '--purge', '--revision', 'canary'])
    assert.equal(gone.code, 0, gone.stderr)
    assert.match(
      gone.stdout,
      /^kept the CA and the rest: used by istio-system\/meshdns-controller$/m,
    )
    const left = await rig.ownObjects()
    assert.deepEqual(
      left.filter((name) => name.includes('canary')),
      [],
    )
    assert.ok(left.includes('deployment.apps/meshdns-controller'))
    assert.deepEqual(
      left.filter((name) => definitionLines.includes(name)),
      definitionLines,
    )
  })

  it('leaves alone what is of others, and refuses to go between', async () => {
    const { cluster } = rig
    await cluster.must(['create', 'namespace', 'real'])
    await cluster.must(['create', 'service', 'clusterip', 'istiod', '-n', 'real', '--tcp=15012'])
    await cluster.must(['label', 'service', 'istiod', '-n', 'real', 'app=istiod'])
    const { stderr, code } = await rig.meshdns(
      ['install', '-y', '-f', '-', '--istioNamespace', 'real'],
      pageOperator,
    )
    assert.equal(code, 1)
    assert.match(stderr, /error\[INSTALL_FOREIGN_OBJECTS\]: .*Service real\/istiod \(of Istio\)/)
    assert.match(stderr, /hint: .*--revision/)
    const inside = await cluster.must(['get', 'configmaps,deployments', '-n', 'real', '-o', 'name'])
    assert.doesNotMatch(inside, /istio|meshdns/)
  })

  it('takes everything of ours away but settings and state, and says what it kept', async () => {
    const { stdout, stderr, code } = await rig.meshdns(['uninstall', '-y'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^removed MutatingWebhookConfiguration /)
    assert.match(stdout, /^removed Deployment istio-system\/meshdns-controller$/m)
    assert.deepEqual(await rig.ownObjects(), [
      'configmap/istio',
      'configmap/istio-sidecar-injector',
      ...definitionLines,
      'namespace/istio-system',
    ])
  })

  it('purges what is ours, and nothing of others', async () => {
    const { cluster } = rig
    const labels = 'app.kubernetes.io/managed-by=meshdns,app.kubernetes.io/part-of=meshdns'
    const own = labels.split(',')
    const configMap = (namespace: string) => ['configmap', 'istio-ca-root-cert', '-n', namespace]
    await cluster.must(['create', ...configMap('default'), '--from-literal=root-cert.pem=x'])
    await cluster.must(['label', ...configMap('default'), ...own])
    await cluster.must(['create', ...configMap('real'), '--from-literal=root-cert.pem=x'])
    await cluster.must(['create', 'secret', 'generic', 'istio-ca-secret', '-n', 'istio-system'])
    await cluster.must(['create', 'configmap', 'of-somebody', '-n', 'istio-system'])
    const entry =
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: kept}\nspec: {hosts: [a.b]}'
    await cluster.must(['create', '-f', '-'], entry)

    const first = await rig.meshdns(['uninstall', '-y', '--purge'])
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /^kept Secret istio-system\/istio-ca-secret: of somebody else$/m)
    assert.match(
      first.stdout,
      /^kept CustomResourceDefinition serviceentries.networking.istio.io: 1 serviceentries are left; delete them first$/m,
    )
    assert.match(
      first.stdout,
      /^kept Namespace istio-system: it has configmaps\/of-somebody, secrets\/istio-ca-secret$/m,
    )
    await rig.owns([
      'customresourcedefinition.apiextensions.k8s.io/serviceentries.networking.istio.io',
      'namespace/istio-system',
    ])
    await cluster.must(['get', ...configMap('real')])
    await cluster.must(['get', 'se', 'kept'])

    await cluster.must(['delete', 'se', 'kept'])
    await cluster.must([
      'delete',
      'configmap/of-somebody',
      'secret/istio-ca-secret',
      '-n',
      'istio-system',
    ])
    const second = await rig.meshdns(['uninstall', '-y', '--purge'])
    assert.equal(second.code, 0, second.stderr)
    assert.match(second.stdout, /^removed Namespace istio-system$/m)
    await rig.owns([])
  })

  it('uses definitions of others as they are, if they will do', async () => {
    const { cluster } = rig
    await cluster.must(['create', 'namespace', 'mesh'])
    const { stdout } = await rig.meshdns(['manifest', 'generate'])
    const all = parseAllDocuments(stdout).map((one) => one.toJS() as Definition)
    const definitions = all.filter(({ kind }) => kind === 'CustomResourceDefinition')
    const foreign = definitions.map((one) => {
      const { name } = one.metadata
      return { ...one, metadata: { name, labels: { app: 'istiod' } } }
    })
    const [first] = foreign
    assert.ok(first)
    const blind = structuredClone(first)
    for (const version of blind.spec.versions) version.subresources = undefined
    await cluster.must(
      ['create', '-f', '-'],
      JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [blind, ...foreign.slice(1)] }),
    )
    const words = ['install', '-y', '--istioNamespace', 'mesh']
    const refused = await rig.meshdns(words)
    assert.match(
      refused.stderr,
      /error\[INSTALL_DEFINITION_TOO_OLD\]: .*has no subresource status in v1, v1beta1, v1alpha3/,
    )
    await cluster.must(['replace', '-f', '-'], JSON.stringify(first))
    const taken = await rig.meshdns(words)
    assert.equal(taken.code, 0, taken.stderr)
    const looked = await rig.meshdns([...words, '--dry-run'])
    assert.match(looked.stdout, /^leave +Namespace mesh \(of somebody else\)$/m)
    assert.match(looked.stdout, /^leave +CustomResourceDefinition serviceentries\S+ \(of Istio\)$/m)
    const purged = await rig.meshdns(['uninstall', '-y', '--purge', '-n', 'mesh'])
    assert.equal(purged.code, 0, purged.stderr)
    await rig.owns([])
    await cluster.must(['get', 'namespace/mesh', 'crd/serviceentries.networking.istio.io'])
  })
})

interface Definition {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: { readonly versions: { subresources?: unknown }[] }
}
