import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { kubernetesPage } from './kubernetes-page.ts'
import { InstalledRig } from './node/installed-rig.ts'
import { familiesAnnotation } from './node/test-kubelet.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const onlyIpv4 = { [familiesAnnotation]: 'IPv4' }

const quietOperator = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n'

const capture = 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\n'

/** Asks once, as soon as it begins, and does not ask again. */
const ordinaryPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'ordinary',
    labels: { app: 'ordinary' },
    annotations: {
      'sidecar.istio.io/nativeSidecar': 'false',
      'proxy.istio.io/config': 'holdApplicationUntilProxyStarts: true',
    },
  },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'app',
        image: 'curl',
        command: [
          'sh',
          '-c',
          'RES_OPTIONS=attempts:1 getent ahosts auto.internal > /tmp/first; sleep 3600',
        ],
      },
    ],
  },
}

const page = 'page-198.51.100.2 auto.internal'

describe('a cluster that meshdns was installed into, as on the page', {
  skip,
  timeout: 900_000,
}, () => {
  let mesh: InstalledRig
  before(async () => {
    mesh = await InstalledRig.start(pageOperator)
    await mesh.deploy('one', onlyIpv4)
    await mesh.deploy('both')
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  it('tries the virtual address, and reaches the endpoint', async () => {
    assert.equal(await mesh.curl('one', 'auto.internal'), `240.240.0.1:80: ${page}`)
    assert.equal(await mesh.curl('both', '-4', 'auto.internal'), `240.240.0.1:80: ${page}`)
    assert.equal(await mesh.curl('both', '-6', 'auto.internal'), `[2001:2::1]:80: ${page}`)
  })

  it('gives a host its own address', async () => {
    const other = '198.51.100.1:80: page-198.51.100.1 address.internal'
    for (const app of ['one', 'both']) assert.equal(await mesh.curl(app, 'address.internal'), other)
  })

  it('shows the address in the status of the entry', async () => {
    const text = await mesh.rig.cluster.must(['get', 'se', 'external-auto', '-o', 'yaml'])
    assert.match(text, /^status:\n[^]*host: auto\.internal\n\s+value: 240\.240\.0\.1$/m)
  })

  it('answers names of the cluster without kube-dns, and asks it for others', async () => {
    const { coredns } = mesh.rig
    const inside = await coredns.askedWhile(async () => {
      assert.equal(await mesh.dig('both', 'kubernetes.default.svc.cluster.local'), '10.96.0.1')
      assert.equal(await mesh.dig('both', '+search', 'kubernetes.default'), '10.96.0.1')
      assert.equal(await mesh.dig('both', 'auto.internal', 'AAAA'), '2001:2::1')
    })
    assert.deepEqual(inside, [])
    const outside = await coredns.askedWhile(() =>
      eventually(async () => {
        assert.equal(await mesh.dig('both', 'v4only.up.test'), '203.0.113.4')
      }),
    )
    assert.deepEqual(new Set(outside), new Set(['v4only.up.test. A']))
  })

  it('carries connections of a Service to a machine that it selects, which the cluster does not know', async () => {
    const machine = `apiVersion: v1
kind: Service
metadata: { name: machine }
spec: { clusterIP: 10.96.0.99, selector: { app: machine }, ports: [{ name: http, port: 8080, targetPort: web }] }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: machine, labels: { app: machine } }
spec: { address: 198.51.100.1, ports: { web: 80 } }
`
    await mesh.rig.cluster.must(['apply', '-f', '-'], machine)
    const wanted = '10.96.0.99:8080: page-198.51.100.1 machine.default:8080'
    await eventually(async () => (await mesh.curl('one', 'machine.default:8080')) === wanted)
    await mesh.rig.cluster.must(['delete', '-f', '-'], machine)
  })

  it('says what holds for a pod, and what its agent goes by', async () => {
    const { stdout, stderr } = await mesh.rig.meshdns(['proxy-config', 'deploy/one'])
    const capture =
      'ISTIO_META_DNS_CAPTURE +"true" +ConfigMap istio-system\\/istio:\\d+:\\d+ \\(mesh\\)'
    assert.match(stdout, new RegExp(`^proxyMetadata\\.${capture} +-$`, 'm'), stderr)
    assert.match(stdout, new RegExp(`^${capture}$`, 'm'))
    assert.match(stdout, /^captureEnabled +true +ISTIO_META_DNS_CAPTURE +-$/m)
    const dns = await mesh.rig.meshdns(['proxy-config', 'meshdns-controller', '-n', 'none'])
    assert.equal(dns.code, 1)
    assert.match(dns.stderr, /CLI_WORKLOAD_UNKNOWN/)
    const services = await mesh.rig.meshdns(['services', '-n', 'none'])
    assert.equal(services.code, 0)
    assert.match(services.stderr, /the cluster has no namespace none; /)
  })

  it('has an application wait for an agent that is an ordinary container, if the pod says so', async () => {
    const { cluster } = mesh.rig
    await cluster.apply(ordinaryPod)
    await mesh.rig.ready('default', 'app=ordinary')
    const pod = await mesh.rig.container('default', 'ordinary', 'app')
    const { stdout } = await pod.exec(['cat', '/tmp/first'])
    assert.match(stdout, /^240\.240\.0\.1 /m)
    const path = 'jsonpath={.spec.containers[*].name} {.spec.initContainers[*].name}'
    const names = await cluster.must(['get', 'pod', 'ordinary', '-o', path])
    assert.equal(names, 'istio-proxy app istio-init')
  })

  it('captures a pod by its annotation alone, and no other', async () => {
    await mesh.install(quietOperator)
    await mesh.deploy('annotated', { ...onlyIpv4, 'proxy.istio.io/config': capture })
    await mesh.deploy('plain', onlyIpv4)
    assert.equal(await mesh.curl('annotated', 'auto.internal'), `240.240.0.1:80: ${page}`)
    const { stderr } = await mesh.inPod('plain', 'curl', 'auto.internal')
    assert.match(stderr, /Could not resolve host/)
  })

  // The last of them takes it all away.
  for (const { name, check } of kubernetesPage) {
    it(`shows, as docs/kubernetes.md does, ${name}`, () => check(mesh))
  }
})
