import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { systemClock } from '../../base/clock.ts'
import { CaFolder } from '../../identity/ca-folder.ts'
import { IdentityOptions } from '../../identity/options.ts'
import { ensureOwnRoot } from '../../identity/own-root.ts'
import { openTokenKey } from '../../identity/token-key.ts'
import { createTokenVerifier } from '../../identity/verify-token.ts'
import { meshdns } from '../../testing/command-line.ts'

const group = `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: shop, namespace: vms }
spec: { template: { serviceAccount: seller } }
`

const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "false" } } }
  values: { global: { meshID: mesh1, multiCluster: { clusterName: cluster1 } } }
`

const gateway = `apiVersion: v1
kind: Service
metadata: { name: istio-eastwestgateway, namespace: istio-system }
spec: { ports: [{ port: 15012 }], externalIPs: [192.0.2.9] }
status: { loadBalancer: { ingress: [{ ip: 192.0.2.7 }] } }
`

describe('meshdns workload entry configure', () => {
  let folder = ''

  after(() => rmSync(folder, { recursive: true }))

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshdns-configure-'))
    mkdirSync(join(folder, 'objects'))
    mkdirSync(join(folder, 'state'))
    writeFileSync(join(folder, 'mesh.yaml'), operator)
    writeFileSync(join(folder, 'objects/group.yaml'), group)
    await ensureOwnRoot(new CaFolder(join(folder, 'state/ca')), 'cluster.local', Date.now())
    await openTokenKey(join(folder, 'state'))
  })

  /** Where the controller has its files. */
  const files = () =>
    Object.entries({
      '--mesh-config': 'mesh.yaml',
      '--objects': 'objects',
      '--state-folder': 'state',
    }).flatMap(([flag, name]) => [flag, join(folder, name)])
  const known = ['--name', 'shop', '-n', 'vms']

  function configure(name: string, ...words: readonly string[]) {
    const output = join(folder, name)
    const call = ['workload', 'entry', 'configure', '-o', output]
    const { stdout, stderr, status } = meshdns(...call, ...files(), ...words)
    const read = (file: string) => readFileSync(join(output, file), 'utf8')
    return { output, stdout, stderr, status, read }
  }

  it('writes what a machine of a group needs', () => {
    const made = configure('vm1', ...known, '--ingressIP', '192.0.2.10')
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, /vm1 holds what a machine of vms\/shop needs\.\n$/)
    assert.deepEqual(readdirSync(made.output).sort(), [
      'cluster.env',
      'hosts',
      'istio-token',
      'mesh.yaml',
      'root-cert.pem',
    ])
    assert.equal(made.read('hosts'), '192.0.2.10 istiod.istio-system.svc\n')
    assert.match(made.read('cluster.env'), /^ISTIO_META_CLUSTER_ID='cluster1'$/m)
    assert.match(made.read('cluster.env'), /^ISTIO_META_MESH_ID='mesh1'$/m)
    assert.match(made.read('cluster.env'), /^ISTIO_META_DNS_CAPTURE='true'$/m)
    assert.deepEqual(
      made.read('root-cert.pem'),
      readFileSync(join(folder, 'state/ca/root-cert.pem'), 'utf8'),
    )
    const { defaultConfig } = parse(made.read('mesh.yaml')) as {
      readonly defaultConfig: { readonly discoveryAddress: string }
    }
    assert.equal(defaultConfig.discoveryAddress, 'istiod.istio-system.svc:15012')
  })

  it('gives the machine a token of its own service account, for it alone to read', async () => {
    const made = configure('vm2', ...known, '--tokenDuration', '60')
    assert.match(made.stderr, /vm2\/istio-token is the identity vms\/seller for 60 seconds/)
    assert.equal(statSync(join(made.output, 'istio-token')).mode & 0o777, 0o600)
    const { tokenIssuer: issuer, tokenAudience: audience } = IdentityOptions.parse({})
    const keys = [await openTokenKey(join(folder, 'state'))]
    const rules = { keys, issuer, audience, skewSeconds: 0, binding: 'none' } as const
    const verifier = await createTokenVerifier(rules, systemClock)
    const token = await verifier.verify(made.read('istio-token'))
    assert.deepEqual([token.namespace, token.serviceAccount], ['vms', 'seller'])
  })

  it('leaves capture to the mesh when told so', () => {
    const made = configure('vm3', ...known, '--capture-dns=false')
    assert.match(made.read('cluster.env'), /^ISTIO_META_DNS_CAPTURE='false'$/m)
  })

  it('takes the address of the gateway from the objects, or warns and leaves hosts empty', () => {
    const without = configure('vm4', ...known)
    assert.match(
      without.stderr,
      /^warning: nobody knows where machines reach istiod\.istio-system/m,
    )
    assert.equal(without.read('hosts'), '')
    const wrong = configure('vm4', ...known, '--ingressIP', 'gateway')
    assert.match(wrong.stderr, /^warning: "gateway" is not an IP address; nobody knows/m)
    writeFileSync(join(folder, 'objects/gateway.yaml'), gateway)
    const found = configure('vm4', ...known)
    assert.equal(found.read('hosts'), '192.0.2.7 istiod.istio-system.svc\n')
    const other = configure('vm4', ...known, '--ingressService', 'other.istio-system')
    assert.equal(other.read('hosts'), '')
  })

  it('reads a group of a file, with the namespace of the flag where it has none', () => {
    writeFileSync(join(folder, 'own.yaml'), group.replace(', namespace: vms', ''))
    const words = ['-f', join(folder, 'own.yaml'), '-n', 'other', '--autoregister']
    const made = configure('vm5', ...words, '--revision', 'canary', '--clusterID', 'c2')
    assert.equal(made.status, 0, made.stderr)
    const env = made.read('cluster.env')
    assert.match(env, /^POD_NAMESPACE='other'$/m)
    assert.match(env, /^ISTIO_META_AUTO_REGISTER_GROUP='shop'$/m)
    assert.match(env, /^CA_ADDR='istiod-canary\.istio-system\.svc:15012'$/m)
    assert.match(env, /^ISTIO_META_CLUSTER_ID='c2'$/m)
  })

  it('finds the files by the options of the controller', () => {
    const options = {
      sources: [join(folder, 'objects')],
      stateFolder: join(folder, 'state'),
      meshConfig: join(folder, 'mesh.yaml'),
    }
    const file = join(folder, 'controller.yaml')
    writeFileSync(file, JSON.stringify(options))
    const call = ['workload', 'entry', 'configure', '-o', join(folder, 'vm8'), '--config', file]
    const { stderr, status } = meshdns(...call, ...known, '--ingressIP', '192.0.2.10')
    assert.equal(status, 0, stderr)
    writeFileSync(file, 'sorces: []\n')
    const wrong = meshdns(...call, ...known)
    assert.match(wrong.stderr, /error\[CONFIG_INVALID\].*sorces: no such option/)
  })

  it('takes a MeshConfig for a mesh as well', () => {
    writeFileSync(join(folder, 'plain.yaml'), 'trustDomain: example.test\n')
    const made = configure('vm7', ...known, '--mesh-config', join(folder, 'plain.yaml'))
    assert.match(made.read('cluster.env'), /^TRUST_DOMAIN='example\.test'$/m)
    assert.match(made.read('cluster.env'), /^ISTIO_META_CLUSTER_ID='Kubernetes'$/m)
  })

  it('says that labels of the template go over those of the group', () => {
    const labelled = group.replace('{ serviceAccount', '{ labels: { app: a }, serviceAccount')
    writeFileSync(join(folder, 'labelled.yaml'), labelled)
    const made = configure('vm6', '-f', join(folder, 'labelled.yaml'))
    assert.match(made.stderr, /^warning: labels belong into spec\.metadata; .*: app$/m)
  })

  interface Refusal {
    readonly name: string
    readonly words: readonly string[]
    readonly want: RegExp
    readonly status: number
  }

  const refusals: readonly Refusal[] = [
    { name: 'no group', words: [], want: /no WorkloadGroup is named\nhint: .*-f FILE/, status: 2 },
    {
      name: 'a name alone',
      words: ['--name', 'shop'],
      want: /no WorkloadGroup is named/,
      status: 2,
    },
    {
      name: 'a group that nobody knows',
      words: ['--name', 'shop', '-n', 'other'],
      want: /error\[CLI_WORKLOAD_GROUP\]: there is no WorkloadGroup other\/shop/,
      status: 1,
    },
    {
      name: 'two addresses of the machine',
      words: [...known, '--internalIP', '10.0.0.1', '--externalIP', '192.0.2.1'],
      want: /--internalIP and --externalIP exclude each other/,
      status: 2,
    },
    {
      name: 'an address that is none',
      words: [...known, '--internalIP', 'me'],
      want: /--internalIP: "me" is not an IP address/,
      status: 2,
    },
    {
      name: 'a duration that is none',
      words: [...known, '--tokenDuration', '1h'],
      want: /--tokenDuration is a number of seconds/,
      status: 2,
    },
    {
      name: 'a switch that is neither true nor false',
      words: [...known, '--capture-dns=maybe'],
      want: /--capture-dns is true or false/,
      status: 2,
    },
    {
      name: 'a state folder without keys',
      words: [...known, '--state-folder', '/nonexistent'],
      want: /error\[INSTALL_CONTROLLER_FILES\]: no CA is in \/nonexistent\/ca/,
      status: 1,
    },
    {
      name: 'a mesh that is not there',
      words: [...known, '--mesh-config', '/nonexistent'],
      want: /error\[INSTALL_CONTROLLER_FILES\]: \/nonexistent cannot be read/,
      status: 1,
    },
    {
      name: 'a mesh that makes no sense',
      words: [...known, '--mesh-config', '/etc/hosts'],
      want: /error\[INSTALL_CONTROLLER_FILES\]: \/etc\/hosts:1:1: error\[/,
      status: 1,
    },
  ]

  for (const { name, words, want, status } of refusals) {
    it(`refuses ${name}, and writes nothing`, () => {
      const made = configure('refused', ...words)
      assert.match(made.stderr, want)
      assert.equal(made.status, status)
      assert.equal(statSync(made.output, { throwIfNoEntry: false }), undefined)
    })
  }
})
