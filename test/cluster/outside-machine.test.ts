import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import type { MachineHost } from '../mesh/machine-host.ts'
import { selectingEntry } from '../mesh/objects.ts'
import { said } from '../mesh/said.ts'
import { startScript } from '../network/scripted.ts'
import { followObjects } from './node/follow-objects.ts'
import { InstalledRig } from './node/installed-rig.ts'
import { exposeController, joinMachine } from './node/outside-machine.ts'
import { familiesAnnotation } from './node/test-kubelet.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = networkTestsSkip() || (await clusterTestsSkip())

const graceMs = 4_000
const operator = `${pageOperator}  values:
    pilot:
      env:
        PILOT_WORKLOAD_ENTRY_GRACE_PERIOD: ${graceMs}ms
`

const own = '192.0.2.21'
const entryName = `web-${own}`
const host = 'web.mesh.test'
const where = 'where.mesh.test'

/** What a user applies for the machines; the first failure of a probe counts. */
const objects = `apiVersion: v1
kind: Namespace
metadata: { name: vms }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: vms }
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: web, namespace: vms }
spec:
  metadata: { labels: { app: web } }
  template: { serviceAccount: web }
  probe: { httpGet: { port: 80 }, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: vms }
spec: { clusterIP: 10.96.7.7, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: pods, namespace: vms }
spec: { clusterIP: None, ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: pods-1, namespace: vms, labels: { kubernetes.io/service-name: pods } }
addressType: IPv4
ports: [{ name: http, port: 80 }]
endpoints: [{ addresses: [10.244.9.1], hostname: first }, { addresses: [10.244.9.2] }]
---
${selectingEntry('web', { namespace: 'vms', host, resolution: 'STATIC' })}
---
${selectingEntry('where', { namespace: 'vms', app: 'web', host: where, resolution: 'NONE' })}
`

const joining = ['--name', 'web', '-n', 'vms', '--autoregister']

interface Entry {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly ownerReferences: readonly { readonly kind: string; readonly name: string }[]
  }
  readonly spec: { readonly address: string; readonly serviceAccount: string }
  readonly status?: { readonly conditions: readonly Readonly<Record<string, string>>[] }
}

describe('a machine beside a cluster', { skip, timeout: 900_000 }, () => {
  let mesh: InstalledRig
  let machine: MachineHost
  let agent: HostProcess
  let application: HostProcess

  before(async () => {
    mesh = await InstalledRig.start(operator)
    await mesh.rig.cluster.must(['apply', '-f', '-'], objects)
    await exposeController(mesh.rig)
    const [joined] = await Promise.all([
      joinMachine(mesh.rig, 'vm1', { last: 21, words: joining }),
      mesh.deploy('client', { [familiesAnnotation]: 'IPv4' }),
    ])
    machine = joined
    application = await startApplication()
    agent = machine.startUnit('meshdns.service')
    await said(agent, /"the table is the controller/)
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  const startApplication = () =>
    startScript(mesh.rig.hosts, 'vm1', ['endpoint-main', 'web@0.0.0.0:80'])

  async function readEntry(): Promise<Entry | undefined> {
    const words = ['get', 'workloadentry', entryName, '-n', 'vms', '-o', 'json']
    const { code, stdout } = await mesh.rig.cluster.kubectl(words)
    return code === 0 ? (JSON.parse(stdout) as Entry) : undefined
  }

  async function healthOf(): Promise<string> {
    const { conditions = [] } = (await readEntry())?.status ?? {}
    return conditions.find(({ type }) => type === 'Healthy')?.['status'] ?? ''
  }

  const inPod = (...argv: readonly string[]) => mesh.inPod('client', ...argv)
  const seenByPod = () => mesh.dig('client', where)

  it('reaches nothing of the cluster but the load balancer', async () => {
    const [pod = ''] = await mesh.rig.ready('istio-system', 'app=meshdns-controller')
    const address = await mesh.rig.cluster.must([
      'get',
      'pod',
      pod,
      '-n',
      'istio-system',
      '-o',
      'jsonpath={.status.podIP}',
    ])
    for (const ip of [address, '10.96.0.1', '192.0.2.10']) {
      const { code } = await machine.run('curl', '-k', '--max-time', '60', `https://${ip}:15012`)
      assert.equal(code, 7, ip)
    }
  })

  it('resolves and reaches what ServiceEntries declare', async () => {
    assert.equal(await machine.dig('auto.internal'), '240.240.0.1')
    const { stdout } = await machine.run('curl', '-sS', 'auto.internal')
    assert.equal(stdout, 'page-198.51.100.2 auto.internal\n')
  })

  const names: readonly { readonly name: string; readonly words: string; readonly want: string }[] =
    [
      { name: 'a Service', words: 'shop.vms.svc.cluster.local', want: '10.96.7.7' },
      { name: 'a short name of its namespace', words: 'shop', want: '10.96.7.7' },
      { name: 'a name with its namespace', words: 'shop.vms', want: '10.96.7.7' },
      { name: 'as below `svc`', words: 'shop.vms.svc', want: '10.96.7.7' },
      {
        name: 'of a headless Service, what is ready',
        words: 'pods.vms.svc.cluster.local',
        want: '10.244.9.1 10.244.9.2',
      },
      {
        name: 'one of its pods',
        words: 'first.pods.vms.svc.cluster.local',
        want: '10.244.9.1',
      },
      {
        name: 'ports',
        words: '_http._tcp.shop.vms.svc.cluster.local SRV',
        want: '0 100 80 shop.vms.svc.cluster.local.',
      },
      { name: 'addresses', words: '-x 10.96.7.7', want: 'shop.vms.svc.cluster.local.' },
      { name: 'the API server', words: 'kubernetes.default.svc.cluster.local', want: '10.96.0.1' },
    ]

  for (const { name, words, want } of names) {
    it(`resolves names of the cluster: ${name}`, async () => {
      assert.equal(await machine.dig(...words.split(' ')), want)
    })
  }

  it('hears at once that a name of the cluster is not there, and asks nobody', async () => {
    const name = 'none.vms.svc.cluster.local'
    const { stdout } = await machine.run('dig', '+tries=1', '+time=30', name)
    assert.match(stdout, /status: NXDOMAIN/)
    assert.match(stdout, /^cluster\.local\.\s+\d+\s+IN\s+SOA\s+ns\.dns\.cluster\.local\. /m)
  })

  it('is an endpoint that belongs to its group, and that pods connect to', async () => {
    await eventually(async () => (await healthOf()) === 'True')
    const entry = await readEntry()
    assert.equal(entry?.spec.address, own)
    assert.equal(entry.spec.serviceAccount, 'web')
    assert.equal(entry.metadata.labels['app'], 'web')
    const [owner] = entry.metadata.ownerReferences
    assert.equal(`${owner?.kind} ${owner?.name}`, 'WorkloadGroup web')
    await eventually(async () => (await seenByPod()) === own)
    await eventually(async () => {
      assert.equal((await inPod('curl', '-sS', host)).stdout, `web ${host}\n`)
    })
  })

  it('is no endpoint while its application is ill', async () => {
    application.child.kill('SIGKILL')
    await eventually(async () => (await healthOf()) === 'False')
    await eventually(async () => (await seenByPod()) === '')
    application = await startApplication()
    await eventually(async () => (await healthOf()) === 'True')
    await eventually(async () => (await seenByPod()) === own)
  })

  it('shows among the agents of the cluster, whichever controller serves it', async () => {
    // Its agent has just been told of its own health.
    await eventually(async () => {
      const { code, stdout, stderr } = await mesh.rig.meshdns(['proxy-status'])
      assert.equal(code, 0, stderr)
      const rows = stdout.split('\n')
      const line = (name: string) => rows.find((row) => row.startsWith(name)) ?? stdout
      assert.match(
        line('vm1.vms '),
        /192\.0\.2\.21 +cluster\.local\/ns\/vms\/sa\/web .* in force .* meshdns-controller-\S+$/,
      )
      assert.match(line('client-'), /\/ns\/default\/sa\/default .* meshdns-controller-\S+$/)
    })
  })

  it('is explained by the controllers of the cluster', async () => {
    // One of them answers, and may hear of a change later than the other.
    await eventually(async () => {
      const { code, stdout, stderr } = await mesh.rig.meshdns(['explain', where])
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^where\.mesh\.test: .*192\.0\.2\.21/)
      assert.match(stdout, /ServiceEntry vms\/where/)
    })
  })

  it('is no more some time after it has left', async () => {
    let leftAt = Number.NaN
    let stoodMs = Number.NaN
    const over = new AbortController()
    const path = '/apis/networking.istio.io/v1/namespaces/vms/workloadentries'
    const following = followObjects<Entry>(mesh.rig.client, { path }, over.signal, (entries) => {
      const left = entries.get(`vms/${entryName}`)?.metadata.annotations['istio.io/disconnectedAt']
      if (left !== undefined) leftAt = Date.parse(left)
      else if (entries.size === 0) stoodMs = Date.now() - leftAt
    })
    agent.child.kill('SIGTERM')
    assert.equal(await agent.ended, 0)
    await eventually(() => !Number.isNaN(stoodMs))
    over.abort()
    await following
    assert.ok(stoodMs >= graceMs, `it was gone after ${stoodMs} ms`)
    await eventually(async () => (await seenByPod()) === '')
  })

  it('comes back without its token', async () => {
    machine.root.remove('/var/run/secrets/tokens/istio-token')
    agent = machine.startUnit('meshdns.service')
    await said(agent, /"the table is the controller/)
    await eventually(async () => (await healthOf()) === 'True')
  })

  it('is told when its token does not count', async () => {
    const bundle = (folder: string) => writeFileSync(join(folder, 'istio-token'), 'not.a.token')
    const other = await joinMachine(mesh.rig, 'vm2', { last: 22, words: joining, bundle })
    const refused = other.startUnit('meshdns.service')
    await said(refused, /the token is malformed.*meshdns workload entry configure/)
  })

  it('is told when its group is gone', async () => {
    agent.child.kill('SIGTERM')
    await agent.ended
    await mesh.rig.cluster.must(['delete', 'workloadgroup', 'web', '-n', 'vms'])
    agent = machine.startUnit('meshdns.service')
    await said(agent, /there is no WorkloadGroup \\"web\\" in namespace \\"vms\\"/)
  })
})
