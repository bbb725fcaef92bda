import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../../src/testing/network-tests-skip.ts'
import { startScript } from '../../network/scripted.ts'
import { clusterTestsSkip } from '../programs.ts'
import { NodeRig } from './node-rig.ts'
import { familiesAnnotation } from './test-kubelet.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: web
        command: [sh, -c, 'hostname > /tmp/who; cd /tmp; exec python3 -m http.server --bind :: 8080']
        readinessProbe: { httpGet: { path: /who, port: http } }
        ports: [{ name: http, containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ipFamilyPolicy: RequireDualStack
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: v1
kind: Service
metadata: { name: nobody }
spec: { selector: { app: nobody }, ports: [{ port: 80 }] }
`

/** Its sidecar is started late and ends last; each writes what it does into a file that all share. */
const ordered = `
apiVersion: v1
kind: Pod
metadata: { name: ordered, labels: { app: ordered, said: 'yes' } }
spec:
  terminationGracePeriodSeconds: 20
  securityContext: { runAsUser: 1337, runAsGroup: 1338, fsGroup: 1338 }
  volumes:
  - { name: shared, hostPath: { path: FOLDER } }
  - name: told
    projected:
      sources:
      - serviceAccountToken: { audience: istio-ca, path: token }
      - downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] }
      - configMap: { name: later, items: [{ key: root, path: root.pem }] }
  initContainers:
  - name: first
    image: any
    command: [sh, -c, 'echo first >> /shared/log']
    volumeMounts: [{ name: shared, mountPath: /shared }]
  - name: side
    image: any
    restartPolicy: Always
    command:
    - sh
    - -c
    - |
      trap 'echo side ends >> /shared/log; exit 0' TERM
      # So late that nobody comes after it by chance.
      sleep 1
      echo side begins >> /shared/log
      touch /shared/up
      while true; do sleep 0.1; done
    startupProbe: { exec: { command: [test, -e, /shared/up] }, periodSeconds: 1 }
    volumeMounts: [{ name: shared, mountPath: /shared }]
  - name: second
    image: any
    command: [sh, -c, 'echo second >> /shared/log']
    volumeMounts: [{ name: shared, mountPath: /shared }]
  containers:
  - name: app
    image: any
    command:
    - sh
    - -c
    - |
      trap 'echo app ends >> /shared/log; exit 0' TERM
      echo "app $(WHERE) $(id -u) $(id -g)" >> /shared/log
      while true; do sleep 0.1; done
    env: [{ name: WHERE, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]
    securityContext:
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities: { drop: [ALL] }
    volumeMounts:
    - { name: shared, mountPath: /shared }
    - { name: told, mountPath: /var/run/told, readOnly: true }
`

const client = `
apiVersion: v1
kind: Pod
metadata: { name: client, labels: { app: client } }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: curl, image: curl, command: [sleep, '3600'] }]
`

describe('a node of the tests', { skip }, () => {
  let rig: NodeRig
  before(async () => {
    rig = await NodeRig.start()
    await rig.cluster.must(['apply', '-f', '-'], `${web}---${client}`)
    await rig.ready('default', 'app in (web, client)')
  })
  after(() => rig?.[Symbol.asyncDispose]())

  const inClient = async (...argv: readonly string[]) => {
    const container = await rig.container('default', 'client', 'curl')
    const { stdout, stderr } = await container.exec(argv)
    return `${stdout}${stderr}`.trim()
  }

  it('carries what is sent to a Service to its endpoints, over IPv4 and IPv6', async () => {
    const names = new Set(await rig.ready('default', 'app=web'))
    for (const family of ['-4', '-6']) {
      const words = [family, '--retry', '5', '--retry-all-errors', '--max-time', '30']
      const said = await inClient('curl', '-s', ...words, 'http://web/who')
      assert.ok(names.has(said), said)
    }
    assert.match(await inClient('curl', '-sS', '--max-time', '60', 'http://nobody'), /^curl: \(7\)/)
  })

  it('lets pods reach the API server as its Service, with their token', async () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
    const said = await inClient(
      'sh',
      '-c',
      `curl -sS --cacert ${folder}/ca.crt -H "Authorization: Bearer $(cat ${folder}/token)" \\
        --connect-to kubernetes.default.svc:443:10.96.0.1:443 \\
        https://kubernetes.default.svc/api/v1/namespaces/default/pods`,
    )
    assert.match(said, /system:serviceaccount:default:default/)
  })

  it('asks CoreDNS, which asks the DNS server outside', async () => {
    await rig.coredns.asked()
    await rig.upstream.asked()
    const dig = ['dig', '+short', '+tries=1', '+time=30', 'v4only.up.test']
    await eventually(async () => assert.equal(await inClient(...dig), '203.0.113.4'))
    assert.deepEqual(new Set(await rig.coredns.asked()), new Set(['v4only.up.test. A']))
    assert.deepEqual(new Set(await rig.upstream.asked()), new Set(['v4only.up.test. A udp']))
  })

  it('reaches hosts outside', async () => {
    rig.hosts.addHost('ep', 80)
    rig.hosts.addAddress('ep', '198.51.100.2/32')
    await startScript(rig.hosts, 'ep', ['endpoint-main', 'page@198.51.100.2:80'])
    assert.match(await inClient('curl', '-sS', 'http://198.51.100.2'), /^page /)
  })

  it('runs and ends containers in order, with what they are told', async () => {
    const folder = `${rig.cluster.folder}/shared`
    const { cluster } = rig
    const log = () => rig.run('cat', `${folder}/log`)
    await rig.run('mkdir', '-m', '777', folder)
    await cluster.must(['apply', '-f', '-'], ordered.replace('FOLDER', folder))
    const waits = ['wait', '--timeout=300s', 'pod/ordered', '--for']
    await cluster.must([...waits, 'jsonpath={.status.message}=volume told: no configmaps later'])
    await cluster.must(['create', 'configmap', 'later', '--from-literal=root=certificate'])
    await rig.ready('default', 'app=ordered')
    const pod = await rig.pod('default', 'ordered')
    const app = await rig.container('default', 'ordered', 'app')
    const said = await app.exec([
      'sh',
      '-c',
      'cd /var/run/told; cat root.pem; echo; ls; cat labels',
    ])
    assert.match(said.stdout, /^certificate\nlabels\nroot.pem\ntoken\napp="ordered"\nsaid="yes"/)
    const change = JSON.stringify({ data: { root: 'another' } })
    await cluster.must(['patch', 'configmap', 'later', '--type=merge', '-p', change])
    await pod.refresh()
    assert.equal((await app.exec(['cat', '/var/run/told/root.pem'])).stdout, 'another')
    const { stdout: token } = await app.exec(['cat', '/var/run/told/token'])
    const [, claims = ''] = token.split('.')
    assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()).aud, ['istio-ca'])
    const { stderr } = await app.exec(['touch', '/etc/new'])
    assert.match(stderr, /Read-only file system/)
    const status = (await app.exec(['cat', '/proc/1/status'])).stdout
    assert.match(status, /CapBnd:\s0+\n[^]*NoNewPrivs:\s1/)
    await cluster.must(['delete', 'pod', 'ordered', '--timeout=300s'])
    const order = ['first', 'side begins', 'second', `app ${pod.addresses[0]} 1337 1338`]
    assert.deepEqual((await log()).trim().split('\n'), [...order, 'app ends', 'side ends'])
  })

  it('starts a container again that ended, and says so', async () => {
    await rig.container('default', 'client', 'curl').then((curl) => curl.signal('SIGKILL'))
    const restarts = '{.status.containerStatuses[0].restartCount}'
    const waits = ['wait', '--timeout=300s', 'pod/client', '--for']
    await rig.cluster.must([...waits, `jsonpath=${restarts}=1`])
    await rig.ready('default', 'app=client')
  })

  it('gives a pod addresses of one family, where it wants that', async () => {
    const only = `metadata: { annotations: { ${familiesAnnotation}: IPv4 }, name`
    const pod = client.replaceAll('client', 'only').replace('metadata: { name', only)
    await rig.cluster.must(['apply', '-f', '-'], pod)
    await rig.ready('default', 'app=only')
    const said = ['get', 'pod', 'only', '-o', 'jsonpath={.status.podIPs[*].ip}']
    assert.match(await rig.cluster.must(said), /^10\.244\.0\.\d+$/)
  })

  it('shows all processes of the node to a pod that asks for them, and its own to others', async () => {
    const pod = client
      .replaceAll('client', 'watcher')
      .replace('containers:', 'hostPID: true\n  containers:')
    await rig.cluster.must(['apply', '-f', '-'], pod)
    await rig.ready('default', 'app=watcher')
    const watcher = await rig.container('default', 'watcher', 'curl')
    const uid = await rig.cluster.must(['get', 'pod', 'client', '-o', 'jsonpath={.metadata.uid}'])
    const group = `kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice`
    const seen = await watcher.exec([
      'sh',
      '-c',
      'cat /proc/[0-9]*/cgroup; readlink /proc/1/ns/net',
    ])
    const path = new RegExp(`^0::/\\.\\./\\.\\./${group}/cri-containerd-[0-9a-f]+\\.scope$`, 'm')
    assert.match(seen.stdout, path)
    assert.equal(
      (await rig.run('readlink', '/proc/self/ns/net')).trim(),
      seen.stdout.trim().split('\n').at(-1),
    )
    assert.equal(
      await inClient('sh', '-c', 'readlink /proc/1/exe; grep ^0:: /proc/1/cgroup'),
      '/usr/bin/sleep\n0::/',
    )
  })

  it('says what it does not do', async () => {
    const pod = client
      .replaceAll('client', 'strange')
      .replace('containers:', 'hostIPC: true\n  containers:')
    await rig.cluster.must(['apply', '-f', '-'], pod)
    const waits = ['wait', '--timeout=300s', 'pod/strange', '--for']
    await rig.cluster.must([
      ...waits,
      'jsonpath={.status.message}=not supported by this kubelet: hostIPC',
    ])
  })
})
