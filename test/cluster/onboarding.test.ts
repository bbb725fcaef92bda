import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { meshdns } from '../../src/testing/command-line.ts'
import { applyDefinitions } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const mesh = `defaultConfig:
  meshId: mesh1
  proxyMetadata:
    ISTIO_META_DNS_CAPTURE: "false"
    FROM_MESH: one
    FROM_BOTH: one
`

const values = { global: { multiCluster: { clusterName: 'cluster1' }, network: 'net1' } }

const objects = `apiVersion: v1
kind: Namespace
metadata: { name: istio-system }
---
apiVersion: v1
kind: Namespace
metadata: { name: vms }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: seller, namespace: vms }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: ${JSON.stringify(mesh)} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data: { values: ${JSON.stringify(JSON.stringify(values))} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-canary, namespace: istio-system }
data: { mesh: "trustDomain: canary.test" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector-canary, namespace: istio-system }
data: { values: "{}" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-alone, namespace: istio-system }
data: { mesh: "" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-ca-root-cert, namespace: vms }
data: { root-cert.pem: "the root" }
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: shop, namespace: vms }
spec:
  metadata:
    labels: { app: shop }
    annotations: { proxy.istio.io/config: "proxyMetadata: { FROM_BOTH: two }" }
  template: { serviceAccount: seller, ports: { http: 8080, https: 8443 } }
---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: all, namespace: istio-system }
spec: { environmentVariables: { FROM_RESOURCE: three } }
---
apiVersion: v1
kind: Service
metadata: { name: istio-eastwestgateway, namespace: istio-system }
spec: { type: LoadBalancer, ports: [{ port: 15012 }], externalIPs: [192.0.2.9] }
---
apiVersion: v1
kind: Service
metadata: { name: outside, namespace: istio-system }
spec: { ports: [{ port: 15012 }], externalIPs: [192.0.2.8] }
`

/** What the defaults of the command write (the golden files of spec 8.4). */
const wholeEnvironment = `CANONICAL_REVISION='latest'
CANONICAL_SERVICE='shop'
FROM_BOTH='two'
FROM_MESH='one'
FROM_RESOURCE='three'
ISTIO_INBOUND_PORTS='8080,8443'
ISTIO_LOCAL_EXCLUDE_PORTS='22,15090,15021,15020'
ISTIO_METAJSON_LABELS='{"app":"shop","service.istio.io/canonical-name":"shop","service.istio.io/canonical-revision":"latest"}'
ISTIO_META_CLUSTER_ID='cluster1'
ISTIO_META_DNS_CAPTURE='true'
ISTIO_META_MESH_ID='mesh1'
ISTIO_META_NETWORK='net1'
ISTIO_META_POD_PORTS='[{"name":"http","containerPort":8080},{"name":"https","containerPort":8443}]'
ISTIO_META_WORKLOAD_NAME='shop'
ISTIO_NAMESPACE='vms'
ISTIO_SERVICE='shop.vms'
ISTIO_SERVICE_CIDR='*'
POD_NAMESPACE='vms'
SERVICE_ACCOUNT='seller'
TRUST_DOMAIN='cluster.local'
`

describe('meshdns workload entry configure, of a cluster', { skip, timeout: 900_000 }, () => {
  let cluster: TestCluster
  let folder = ''

  before(async () => {
    cluster = await TestCluster.start()
    folder = mkdtempSync(join(tmpdir(), 'meshdns-onboarding-'))
    await applyDefinitions(cluster)
    await cluster.must(['apply', '-f', '-'], objects)
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster[Symbol.asyncDispose]()
  })

  const known = ['--name', 'shop', '-n', 'vms']

  function configure(...words: readonly string[]) {
    const output = join(folder, `vm${Math.floor(performance.now() * 1_000)}`)
    const call = ['workload', 'entry', 'configure', '-o', output]
    const where = ['--kubeconfig', cluster.kubeconfig]
    const { stderr, status } = meshdns(...call, ...where, ...words)
    const read = (file: string) => readFileSync(join(output, file), 'utf8')
    return { output, stderr, status, read }
  }

  /** What the status of the gateway says of its load balancer. */
  async function balance(ingress: object): Promise<void> {
    const patch = JSON.stringify({ status: { loadBalancer: { ingress: [ingress] } } })
    const what = ['service', 'istio-eastwestgateway', '-n', 'istio-system']
    await cluster.must(['patch', ...what, '--subresource=status', '--type=merge', '-p', patch])
  }

  it('writes what the objects of the cluster say', async () => {
    const { read, status, stderr, output } = configure(...known)
    assert.equal(status, 0, stderr)
    assert.equal(read('cluster.env'), wholeEnvironment)
    assert.match(read('mesh.yaml'), /^ {2}discoveryAddress: istiod\.istio-system\.svc:15012$/m)
    assert.equal(read('root-cert.pem'), 'the root')
    assert.equal(read('hosts'), '192.0.2.9 istiod.istio-system.svc\n')
    assert.equal(statSync(join(output, 'istio-token')).mode & 0o777, 0o600)
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: read('istio-token'), audiences: ['istio-ca'] },
    }
    const answer = await cluster.must(['create', '-o', 'json', '-f', '-'], JSON.stringify(review))
    const { user } = (JSON.parse(answer) as { status: { user: { username: string } } }).status
    assert.equal(user.username, 'system:serviceaccount:vms:seller')
  })

  it('takes the first address of the load balancer, and a name for none', async () => {
    await balance({ ip: '192.0.2.7' })
    assert.equal(configure(...known).read('hosts'), '192.0.2.7 istiod.istio-system.svc\n')
    await balance({ hostname: 'gateway.example' })
    const named = configure(...known)
    assert.equal(named.read('hosts'), '')
    assert.match(named.stderr, /^warning: nobody knows where machines reach/m)
    const other = configure(...known, '--ingressService', 'outside')
    assert.equal(other.read('hosts'), '192.0.2.8 istiod.istio-system.svc\n')
    const given = configure(...known, '--ingressIP', '192.0.2.1')
    assert.equal(given.read('hosts'), '192.0.2.1 istiod.istio-system.svc\n')
  })

  interface Row {
    readonly name: string
    readonly words: readonly string[]
    readonly want: RegExp
  }

  const rows: readonly Row[] = [
    {
      name: 'leaves capture to the mesh when told so',
      words: ['--capture-dns=false'],
      want: /^ISTIO_META_DNS_CAPTURE='false'$/m,
    },
    {
      name: 'registers the machine when told so',
      words: ['--autoregister'],
      want: /^ISTIO_META_AUTO_REGISTER_GROUP='shop'$/m,
    },
    {
      name: 'takes the name of the cluster that is given',
      words: ['--clusterID', 'c2'],
      want: /^ISTIO_META_CLUSTER_ID='c2'$/m,
    },
    {
      name: 'goes by the ConfigMaps of the revision',
      words: ['--revision', 'canary'],
      want: /^CA_ADDR='istiod-canary\.istio-system\.svc:15012'$[^]*^TRUST_DOMAIN='canary\.test'$/m,
    },
    {
      name: 'calls the cluster what pods call it where nobody said a name',
      words: ['--revision', 'canary'],
      want: /^ISTIO_META_CLUSTER_ID='Kubernetes'$/m,
    },
    {
      name: 'needs no ConfigMap of the injector when the name of the cluster is given',
      words: ['--revision', 'alone', '--clusterID', 'c3'],
      want: /^ISTIO_META_CLUSTER_ID='c3'$/m,
    },
    {
      name: 'takes the address of the machine',
      words: ['--externalIP', '192.0.2.77'],
      want: /^ISTIO_SVC_IP='192\.0\.2\.77'$[^]*^REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION='true'$/m,
    },
  ]

  for (const { name, words, want } of rows) {
    it(name, () => {
      const { read, status, stderr } = configure(...known, ...words)
      assert.equal(status, 0, stderr)
      assert.match(read('cluster.env'), want)
      assert.doesNotMatch(stderr, /the certificate of this controller is not for/)
    })
  }

  it('takes a group of a file', () => {
    const file = join(folder, 'group.yaml')
    const template = { serviceAccount: 'seller' }
    const meta = { name: 'own', namespace: 'vms' }
    const apiVersion = 'networking.istio.io/v1'
    const own = { apiVersion, kind: 'WorkloadGroup', metadata: meta, spec: { template } }
    writeFileSync(file, JSON.stringify(own))
    const { read, status, stderr } = configure('-f', file)
    assert.equal(status, 0, stderr)
    assert.match(read('cluster.env'), /^ISTIO_SERVICE='own\.vms'$/m)
  })

  const refusals: readonly Row[] = [
    {
      name: 'a group that is not there',
      words: ['--name', 'other', '-n', 'vms'],
      want: /error\[CLI_WORKLOAD_GROUP\]: there is no WorkloadGroup vms\/other/,
    },
    {
      name: 'a revision without a control plane',
      words: [...known, '--revision', 'none'],
      want: /error\[INSTALL_CLUSTER_MESH\]: ConfigMap istio-system\/istio-none cannot be read/,
    },
    {
      name: 'a ConfigMap of the injector that cannot be read',
      words: [...known, '--revision', 'alone'],
      want: /ConfigMap istio-system\/istio-sidecar-injector-alone cannot be read/,
    },
    {
      name: 'a token that lasts less than the cluster wants',
      words: [...known, '--tokenDuration', '60'],
      want: /gives no token for vms\/seller[^]*may not specify a duration less than 10 minutes/,
    },
    {
      name: 'a cluster and a machine at a time',
      words: [...known, '--state-folder', '/nonexistent'],
      want: /--state-folder is about this machine, and --kubeconfig about a cluster/,
    },
  ]

  for (const { name, words, want } of refusals) {
    it(`refuses ${name}, and writes nothing`, () => {
      const { output, stderr, status } = configure(...words)
      assert.match(stderr, want)
      assert.notEqual(status, 0)
      assert.equal(statSync(output, { throwIfNoEntry: false }), undefined)
    })
  }

  it('says which account is missing', async () => {
    await cluster.must(['delete', 'serviceaccount', 'seller', '-n', 'vms'])
    const { stderr } = configure(...known)
    assert.match(stderr, /hint: Make the account: kubectl create serviceaccount seller -n vms/)
    await cluster.must(['create', 'serviceaccount', 'seller', '-n', 'vms'])
  })
})
