import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { ScriptedUpstream } from '../network/scripted.ts'
import type { Container } from './node/container.ts'
import { InstalledRig } from './node/installed-rig.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const domain = 'cluster.local'

/** Of each of a few kinds of name. */
const rounds = 500

/** A server that only a pod of its own choice asks. */
const ownServer = '192.0.2.54'

const metadata = (name: string, more = {}) => ({ name, namespace: 'default', ...more })

/** Headless; its endpoints are the pods of its own name. */
function headless(name: string, publishNotReadyAddresses: boolean) {
  const ports = [{ name: 'http', port: 80 }]
  const spec = { clusterIP: 'None', selector: { of: name }, ports, publishNotReadyAddresses }
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec }
}

/** As a StatefulSet makes it, ready as soon as somebody says so. */
function peer(service: string) {
  const container = {
    name: 'app',
    image: 'db',
    command: ['sleep', '3600'],
    readinessProbe: {
      exec: { command: ['test', '-f', '/tmp/ready'] },
      periodSeconds: 1,
      failureThreshold: 1,
    },
  }
  const labels = { of: service, 'sidecar.istio.io/inject': 'false' }
  const hostname = 'db-0'
  const spec = { hostname, subdomain: service, terminationGracePeriodSeconds: 1 }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(`${service}-db-0`, { labels }),
    spec: { ...spec, containers: [container] },
  }
}

/** With a server and a search list of its own, which does not know where the controller is. */
const independent = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata('independent', { labels: { app: 'independent' } }),
  spec: {
    terminationGracePeriodSeconds: 1,
    dnsPolicy: 'None',
    dnsConfig: { nameservers: [ownServer], searches: ['corp.up.test'] },
    containers: [{ name: 'app', image: 'curl', command: ['sleep', '3600'] }],
  },
}

describe('names that a pod asks for', { skip, timeout: 900_000 }, () => {
  let mesh: InstalledRig
  let app: Container
  before(async () => {
    mesh = await InstalledRig.start(pageOperator)
    const { cluster } = mesh.rig
    const objects = [headless('patient', false), headless('eager', true)]
    const items = [...objects, peer('patient'), peer('eager'), independent]
    await cluster.apply(...items)
    await mesh.deploy('app')
    const [pod = ''] = await mesh.rig.ready('default', 'app=app')
    app = await mesh.rig.container('default', pod, 'app')
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  const shell = async (container: Container, script: string) =>
    (await container.exec(['sh', '-c', script])).stdout.trim()

  /** What a question is answered with: rcode, then the last words of records. */
  const asks = (name: string, type: string) => {
    const dig = `dig +tries=1 +time=30 +noall +comments +answer ${name}.${domain} ${type}`
    return `${dig} | sed -nE 's/.*status: ([A-Z]+),.*/\\1/p; s/^[^;].* ([^ ]+)$/\\1/p' | xargs`
  }

  /** Waits until a question is answered so. */
  const becomes = async (name: string, type: string, wanted: RegExp) => {
    const script = `for i in $(seq 1000); do
      said=$(${asks(name, type)}); echo "$said" | grep -qE '${wanted.source}' && break; sleep 0.1
    done; echo "$said"`
    assert.match(await shell(app, script), wanted, `${name} ${type}`)
  }

  const isBelow = (question: string) => question.includes(`.${domain}.`)

  it('reach kube-dns when they are outside, and never when they are the cluster’s', async () => {
    const script = `for i in $(seq ${rounds}); do
        echo "kubernetes.default.svc.${domain} A"
        echo "missing-$i.default.svc.${domain} AAAA"
        echo "_https._tcp.kubernetes.default.svc.${domain} SRV"
        echo "10-1-2-$((i % 250)).default.pod.${domain} A"
        echo "www-$i.up.test.default.svc.${domain} A"
        echo "nothing-$i.${domain} TXT"
      done > /tmp/questions
      dig +tries=1 +time=30 +noall +comments -f /tmp/questions | grep -oE 'status: [A-Z]+' | sort | uniq -c`
    const asked = await mesh.rig.coredns.askedWhile(async () => {
      const counts = (await shell(app, script)).split('\n').map((line) => line.trim())
      assert.deepEqual(counts, [`${3 * rounds} status: NOERROR`, `${3 * rounds} status: NXDOMAIN`])
      const [found] = (await shell(app, 'getent ahostsv4 kubernetes.default')).split(/\s/)
      assert.equal(found, '10.96.0.1')
      assert.equal(await shell(app, 'getent hosts nothing.default || echo none'), 'none')
      await eventually(async () => {
        assert.match(await shell(app, 'getent ahostsv4 v4only.up.test'), /^203\.0\.113\.4\s/)
      })
    })
    assert.deepEqual(asked.filter(isBelow), [])
    assert.ok(asked.includes('v4only.up.test. A'), asked.join('\n'))
  })

  it('are those of peers that are not ready only where the Service says so, also as SRV', async () => {
    const names = (service: string) => [
      [`db-0.${service}.default.svc`, 'A'],
      [`${service}.default.svc`, 'A'],
      [`_http._tcp.${service}.default.svc`, 'SRV'],
    ]
    for (const [name = '', type = ''] of names('eager')) await becomes(name, type, /^NOERROR \S+/)
    for (const [name = '', type = ''] of names('patient')) await becomes(name, type, /^NXDOMAIN$/)
    const patient = await mesh.rig.container('default', 'patient-db-0', 'app')
    await shell(patient, 'touch /tmp/ready')
    for (const [name = '', type = ''] of names('patient')) await becomes(name, type, /^NOERROR \S+/)
    await becomes('_http._tcp.patient.default.svc', 'SRV', /^NOERROR db-0\.patient\.default\.svc/)
    await shell(patient, 'rm /tmp/ready')
    for (const [name = '', type = ''] of names('patient')) await becomes(name, type, /^NXDOMAIN$/)
  })

  it('go to the servers of a pod that has its own, with its search list', async () => {
    const { hosts } = mesh.rig
    hosts.addHost('own', 54)
    const askDirectly = async (question: string) => {
      await hosts.run('node', ['dig', `@${ownServer}`, question])
    }
    const own = await ScriptedUpstream.start(
      hosts,
      { host: 'own', addresses: [ownServer] },
      askDirectly,
    )
    await mesh.rig.ready('default', 'app=independent')
    const pod = await mesh.rig.container('default', 'independent', 'app')
    await own.asked()
    const elsewhere = await mesh.rig.coredns.askedWhile(async () => {
      await shell(pod, 'getent ahostsv4 web')
      const asked = await own.asked()
      assert.ok(asked.includes('web.corp.up.test. A udp'), asked.join('\n'))
      assert.match(
        await shell(pod, `getent ahostsv4 kubernetes.default.svc.${domain}`),
        /^10\.96\.0\.1\s/,
      )
      assert.match(await shell(pod, 'getent ahostsv4 auto.internal'), /^240\.240\.0\.1\s/)
      assert.deepEqual(await own.asked(), [])
    })
    assert.deepEqual(elsewhere, [])
  })

  it('are still followed by such a pod when its controller has another address', async () => {
    const { cluster } = mesh.rig
    const service = ['service', 'istiod', '-n', 'istio-system']
    const text = await cluster.must(['get', ...service, '-o', 'json'])
    const { spec } = JSON.parse(text) as { readonly spec: { readonly clusterIPs?: unknown } }
    const { clusterIPs: _, ...rest } = spec
    const made = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'istiod', namespace: 'istio-system' },
      spec: { ...rest, clusterIP: '10.96.0.200' },
    }
    await cluster.must(['delete', ...service])
    await cluster.must(['create', '-f', '-'], JSON.stringify(made))
    const map = ['get', 'configmap', 'istio-ca-root-cert', '-o', 'yaml']
    await eventually(async () =>
      (await cluster.must(map)).includes('10.96.0.200 istiod.istio-system.svc'),
    )
    const pod = await mesh.rig.pod('default', 'independent')
    await pod.refresh()
    pod.container('istio-proxy')?.signal('SIGKILL')
    const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: later }
spec: { hosts: [later.internal], addresses: [198.51.100.9], ports: [{ number: 80, name: http }] }
`
    await cluster.must(['apply', '-f', '-'], entry)
    const script = `for i in $(seq 1000); do
      getent ahostsv4 later.internal | grep '^198' && break; sleep 0.1
    done`
    const container = await mesh.rig.container('default', 'independent', 'app')
    assert.match(await shell(container, script), /^198\.51\.100\.9\s/)
  })
})
