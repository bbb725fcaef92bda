import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { CaSecret } from '../../src/controller/cluster/ca-secret.ts'
import { readCa } from '../../src/identity/ca-files.ts'
import { createOwnRoot, ensureOwnRoot } from '../../src/identity/own-root.ts'
import type { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { meshdns } from '../../src/testing/command-line.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const clock = systemClock

interface Shown {
  readonly place: string
  readonly issuer: string
  readonly roots: readonly { readonly role: string }[]
}

describe('the CA of a cluster', { skip }, () => {
  let cluster: TestCluster
  let client: ClusterClient

  before(async () => {
    cluster = await TestCluster.start()
    client = cluster.connect()
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  async function namespaceOf(name: string): Promise<string> {
    await cluster.must(['create', 'namespace', name])
    return name
  }

  const open = (namespace: string) => new CaSecret({ client, namespace, clock })
  const make = (namespace: string) => ensureOwnRoot(open(namespace), 'cluster.local', clock.wall())
  const ca = (namespace: string, ...words: readonly string[]) =>
    meshdns('ca', ...words, '--kubeconfig', cluster.kubeconfig, '-i', namespace)
  const show = (namespace: string) =>
    JSON.parse(ca(namespace, 'show', '-o', 'json').stdout) as Shown

  it('is made by one of the replicas that start at a time', async () => {
    const namespace = await namespaceOf('many')
    const made = await Promise.all(Array.from({ length: 5 }, () => make(namespace)))
    assert.deepEqual(
      made.filter((isNew) => isNew),
      [true],
    )
    const material = await readCa(open(namespace), clock.wall())
    assert.match(material.root.subject, /O=cluster\.local/)
    const type = ['get', 'secret', 'istio-ca-secret', '-n', namespace, '-o', 'jsonpath={.type}']
    assert.equal(await cluster.must(type), 'istio.io/ca-root')
  })

  it('is rotated step by step', async () => {
    const namespace = await namespaceOf('rotated')
    await make(namespace)
    const roles = () => show(namespace).roots.map(({ role }) => role)
    assert.deepEqual(roles(), ['signs'])
    assert.match(ca(namespace, 'root', 'activate').stderr, /no next root was added/)
    assert.match(ca(namespace, 'root', 'add').stdout, /meshdns ca root activate/)
    assert.deepEqual(roles(), ['signs', 'next'])
    assert.equal(ca(namespace, 'root', 'activate').status, 0)
    assert.deepEqual(roles(), ['trusted', 'signs'])
    assert.match(ca(namespace, 'root', 'retire').stderr, /may count until/)
    assert.equal(ca(namespace, 'root', 'retire', '--longest-certificate', '0').status, 0)
    assert.deepEqual(roles(), ['signs'])
    assert.equal(show(namespace).place, 'Secret rotated/istio-ca-secret')
  })

  it('is the one that the user brought, and that is not written to', async () => {
    const namespace = await namespaceOf('brought')
    await make(namespace)
    const { certificate, key } = await createOwnRoot('example.test', clock.wall())
    const files = { 'ca-cert.pem': certificate, 'ca-key.pem': key, 'root-cert.pem': certificate }
    const literals = Object.entries(files).map(([name, text]) => `--from-literal=${name}=${text}`)
    await cluster.must(['create', 'secret', 'generic', 'cacerts', '-n', namespace, ...literals])
    const { place, issuer } = show(namespace)
    assert.equal(place, 'Secret brought/cacerts')
    assert.match(issuer, /O=example\.test/)
    assert.match(ca(namespace, 'root', 'add').stderr, /error\[CONTROLLER_CA_NOT_OURS\]/)
  })

  it('may be called as cert-manager calls it', async () => {
    const namespace = await namespaceOf('managed')
    const { certificate, key } = await createOwnRoot('example.test', clock.wall())
    const files = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': certificate }
    const literals = Object.entries(files).map(([name, text]) => `--from-literal=${name}=${text}`)
    await cluster.must(['create', 'secret', 'generic', 'cacerts', '-n', namespace, ...literals])
    assert.match(show(namespace).issuer, /O=example\.test/)
  })

  it('never takes the place of something else', async () => {
    const namespace = await namespaceOf('foreign')
    const words = ['secret', 'generic', 'istio-ca-secret', '-n', namespace]
    await cluster.must(['create', ...words, '--from-literal=notes=mine'])
    assert.equal(await make(namespace), false)
    await assert.rejects(readCa(open(namespace), clock.wall()), {
      code: 'IDENTITY_CA_UNUSABLE',
      message: /Secret foreign\/istio-ca-secret.*ca-cert\.pem is missing/,
    })
  })

  it('is not changed by one who read it before another changed it', async () => {
    const namespace = await namespaceOf('raced')
    await make(namespace)
    const [one, two] = [open(namespace), open(namespace)]
    await Promise.all([one.load(), two.load()])
    assert.equal(await one.change([['cert-chain.pem', '']]), true)
    assert.equal(await two.change([['root-cert.pem', '']]), false)
  })

  it('is refused where two places are meant, or none is there', async () => {
    const words = ['--kubeconfig', cluster.kubeconfig, '--context', 'nowhere']
    const { stderr, status } = meshdns('ca', 'show', ...words)
    assert.equal(status, 1)
    assert.match(
      stderr,
      /error\[KUBERNETES_ACCESS\]: the kubeconfig .* has no context nowhere, but test/,
    )
    const both = meshdns('ca', 'show', '--state-folder', '/x', '--context', 'test')
    assert.match(both.stderr, /--state-folder is about this machine, and --context about a cluster/)
  })
})
