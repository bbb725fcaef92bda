import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { describeSource } from '../../registry/source.case.ts'
import type { StoredObject } from '../../testing/cluster-store.ts'
import { hostname } from '../../testing/mesh.ts'
import { type ReflectorRig, reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { watchEvents } from '../watch/meters.ts'
import { KubernetesSource } from './kubernetes-source.ts'
import { podKind, sourceKinds } from './source-kinds.ts'

const translate = { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true }

const served = [...sourceKinds, podKind].map(({ watched: { group, versions, plural } }) => ({
  group,
  version: versions[0],
  plural,
}))

interface Rig extends ReflectorRig {
  start(): Promise<KubernetesSource>
}

async function rigOf(test: TestContext): Promise<Rig> {
  const rig = await reflectorRig(test, served)
  return {
    ...rig,
    async start() {
      const source = await new KubernetesSource(translate, rig.ports).start()
      test.after(() => source.stop())
      return source
    },
  }
}

function entriesHeard({ ports }: ReflectorRig) {
  return ports.meters.cell(watchEvents, 'serviceentries.networking.istio.io')
}

function entry(name: string, spec: object, namespace = 'ns1'): StoredObject {
  return { metadata: { name, namespace }, spec: { ports: [http], ...spec } }
}

const http = { number: 80, name: 'http', protocol: 'HTTP' }

function service(name: string, spec: object): StoredObject {
  return {
    metadata: { name, namespace: 'ns1' },
    spec: { ports: [{ name: 'http', port: 80 }], ...spec },
  }
}

function slice(name: string, addresses: readonly string[], service = 'web'): StoredObject {
  return {
    metadata: { name, namespace: 'ns1', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }
}

function pod(name: string, ip: string, labels: Record<string, string>): StoredObject {
  return { metadata: { name, namespace: 'ns1', labels }, spec: {}, status: { podIP: ip } }
}

function addressesOf(source: KubernetesSource, host: string): readonly string[] {
  const [first] = source.services().get(hostname(host)) ?? []
  return (first?.endpoints ?? []).map(({ target }) => (target.kind === 'ip' ? target.address : ''))
}

const web = 'web.ns1.svc.cluster.local'

describeSource('KubernetesSource', async (test) => {
  const rig = await reflectorRig(test, served)
  const source = await new KubernetesSource(translate, { ...rig.ports, clock: systemClock }).start()
  test.after(() => source.stop())
  return {
    source,
    async addService(host) {
      rig.api.put(
        'serviceentries',
        entry(host.replaceAll('.', '-'), { hosts: [host], resolution: 'DNS' }),
      )
    },
  }
})

describe('KubernetesSource', () => {
  it('makes services of all kinds', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('services', service('web', { clusterIP: '10.96.0.1' }))
    rig.api.put('endpointslices', slice('web-1', ['10.1.0.1']))
    rig.api.put(
      'serviceentries',
      entry('vm', {
        hosts: ['vm.test'],
        resolution: 'STATIC',
        workloadSelector: { labels: { app: 'vm' } },
      }),
    )
    rig.api.put('workloadentries', {
      metadata: { name: 'vm-1', namespace: 'ns1' },
      spec: { address: '192.0.2.1', labels: { app: 'vm' } },
    })
    rig.api.put('sidecars', {
      metadata: { name: 'default', namespace: 'ns1' },
      spec: { egress: [{ hosts: ['./*'] }] },
    })
    const source = await rig.start()
    assert.deepEqual([...source.services().keys()].sort(), ['vm.test', web])
    assert.deepEqual(addressesOf(source, web), ['10.1.0.1'])
    assert.deepEqual(addressesOf(source, 'vm.test'), ['192.0.2.1'])
    assert.deepEqual(
      source.sidecars().map(({ name }) => name),
      ['default'],
    )
    assert.deepEqual(source.findings(), [])
    assert.deepEqual(new Set(source.states().values()), new Set(['synced']))
  })

  it('lets a change that comes alone through at once, and joins those of a burst', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('services', service('web', { clusterIP: '10.96.0.1' }))
    const source = await rig.start()
    await until(() => rig.api.streams() === sourceKinds.length)
    const changes: string[] = []
    source.follow(({ hosts }) => changes.push([...hosts].join(' ')))
    rig.api.put('endpointslices', slice('web-1', ['10.1.0.1']))
    await until(() => changes.length === 1)
    for (const name of ['a', 'b', 'c'])
      rig.api.put('serviceentries', entry(name, { hosts: [`${name}.test`], resolution: 'DNS' }))
    await until(() => entriesHeard(rig).value === 3)
    assert.deepEqual(changes, [web])
    rig.clock.advance(10)
    assert.deepEqual(changes, [web, 'a.test b.test c.test'])
  })

  it('keeps the last good version of an object that went bad, and says so once', async (test) => {
    const rig = await rigOf(test)
    const good = entry('a', { hosts: ['a.test'], resolution: 'DNS' })
    rig.api.put('serviceentries', good)
    const source = await rig.start()
    await until(() => rig.api.streams() === sourceKinds.length)
    rig.api.put('serviceentries', entry('a', { hosts: ['*.*'], resolution: 'DNS' }))
    await until(() => source.findings().length > 0)
    assert.ok(source.services().has(hostname('a.test')))
    const [item, ...others] = rig.health.items()
    assert.equal(item?.code, 'KUBERNETES_OBJECT_REFUSED')
    assert.match(item?.detail ?? '', /^cluster: error\[E\d+\]: ServiceEntry ns1\/a spec\.hosts/)
    assert.deepEqual(others, [])
    rig.clock.advance(10)
    rig.api.put('serviceentries', good)
    await until(() => source.findings().length === 0)
    assert.deepEqual(rig.health.items(), [])
  })

  it('has nothing to tell when nothing but a status changed', async (test) => {
    const rig = await rigOf(test)
    const one = entry('a', { hosts: ['a.test'], resolution: 'DNS' })
    rig.api.put('serviceentries', one)
    const source = await rig.start()
    await until(() => rig.api.streams() === sourceKinds.length)
    const [before] = source.objects()
    source.follow(() => assert.fail('services did not change'))
    const addresses = [{ value: '240.240.0.1', host: 'a.test' }]
    rig.api.put('serviceentries', { ...one, status: { addresses } })
    await until(() => entriesHeard(rig).value === 1)
    rig.clock.advance(10)
    assert.equal(source.objects()[0], before)
  })

  it('follows Pods only in namespaces where something selects them', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('pods', pod('one', '10.1.0.1', { app: 'web' }))
    rig.api.put('pods', {
      ...pod('other', '10.1.0.9', {}),
      metadata: { name: 'other', namespace: 'ns2' },
    })
    const source = await rig.start()
    const podCalls = () => rig.api.requests.filter(({ path }) => path.endsWith('/pods'))
    assert.equal(podCalls().length, 0)
    const selecting = {
      hosts: ['web.test'],
      resolution: 'STATIC',
      workloadSelector: { labels: { app: 'web' } },
    }
    rig.api.put('serviceentries', entry('a', selecting))
    await until(() => {
      rig.clock.advance(10)
      return addressesOf(source, 'web.test').length === 1
    })
    assert.deepEqual(
      new Set(podCalls().map(({ path }) => path)),
      new Set(['/api/v1/namespaces/ns1/pods']),
    )
    rig.api.remove('pods', 'ns1/one')
    rig.api.put('pods', pod('two', '10.1.0.2', { app: 'web' }))
    await until(() => {
      rig.clock.advance(10)
      return addressesOf(source, 'web.test').join() === '10.1.0.2'
    })
    rig.api.remove('serviceentries', 'ns1/a')
    await until(() => {
      rig.clock.advance(10)
      return rig.api.streams('pods') === 0 && source.objects().length === 0
    })
  })

  it('holds those Pods only that something selects, and finds them when it does', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('pods', pod('one', '10.1.0.1', { app: 'web' }))
    rig.api.put('pods', pod('two', '10.1.0.2', { app: 'mail' }))
    rig.api.put('pods', pod('three', '10.1.0.3', {}))
    const selecting = (app: string) =>
      entry(app, {
        hosts: [`${app}.test`],
        resolution: 'STATIC',
        workloadSelector: { labels: { app } },
      })
    rig.api.put('serviceentries', selecting('web'))
    const source = await rig.start()
    const names = () =>
      source.objects().flatMap(({ kind, meta }) => (kind === 'Pod' ? [meta.name] : []))
    assert.deepEqual(names(), ['one'])
    rig.api.put('serviceentries', selecting('mail'))
    await until(() => {
      rig.clock.advance(10)
      return addressesOf(source, 'mail.test').join() === '10.1.0.2'
    })
    assert.deepEqual(names(), ['one', 'two'])
    rig.api.put('pods', pod('one', '10.1.0.1', { app: 'other' }))
    await until(() => {
      rig.clock.advance(10)
      return addressesOf(source, 'web.test').length === 0
    })
    assert.deepEqual(names(), ['two'])
  })

  it('has the endpoints of selected Pods from the beginning', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('pods', pod('one', '10.1.0.1', { app: 'web' }))
    rig.api.put(
      'serviceentries',
      entry('a', {
        hosts: ['web.test'],
        resolution: 'STATIC',
        workloadSelector: { labels: { app: 'web' } },
      }),
    )
    assert.deepEqual(addressesOf(await rig.start(), 'web.test'), ['10.1.0.1'])
  })

  it('starts without kinds that the cluster does not know or does not let us read', async (test) => {
    const rig = await rigOf(test)
    rig.api.withdraw('serviceimports')
    rig.api.fail({ status: 403, only: ({ path }) => path.endsWith('/nodes') })
    rig.api.put('services', service('web', { clusterIP: '10.96.0.1' }))
    const source = await rig.start()
    assert.deepEqual([...source.services().keys()], [web])
    assert.equal(source.states().get('serviceimports.multicluster.x-k8s.io'), 'missing')
    assert.equal(source.states().get('nodes'), 'forbidden')
    assert.deepEqual(
      rig.health.items().map(({ detail }) => detail),
      ['apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"]'],
    )
  })

  it('gives services another meaning when it is told to', async (test) => {
    const rig = await rigOf(test)
    rig.api.put('services', service('web', { clusterIP: '10.96.0.1' }))
    const source = await rig.start()
    source.translateAs({ ...translate, defaultExportTo: ['.'] })
    const [first] = source.services().get(hostname(web)) ?? []
    assert.deepEqual(first?.exportTo, ['ns1'])
  })

  it('keeps nothing of an object that it does not need', async (test) => {
    const rig = await rigOf(test)
    const one = service('web', { clusterIP: '10.96.0.1' })
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'networking.istio.io/exportTo': '.',
    }
    rig.api.put('services', {
      ...one,
      metadata: { ...one.metadata, annotations, labels: { app: 'web' }, managedFields: [{}] },
    })
    const [object] = (await rig.start()).objects()
    assert.deepEqual([...(object?.meta.annotations.keys() ?? [])], ['networking.istio.io/exportTo'])
    assert.equal(object?.meta.labels.size, 0)
    assert.equal(object?.meta.document.value, undefined)
  })
})
