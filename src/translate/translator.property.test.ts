import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatFinding } from '../documents/finding.ts'
import { meshObject, type WrittenObject } from '../testing/mesh-objects.ts'
import type { MeshObject } from './mesh-object.ts'
import { Translator } from './translator.ts'
import { type ObjectGroup, UniqueObjects } from './unique-objects.ts'

const options = { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true }

const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'), { maxKeys: 2 })
const namespace = fc.constantFrom('ns1', 'ns2')
const ready = fc.boolean()
const nodeName = fc.constantFrom('n1', 'n2')

function metadata(...names: readonly string[]) {
  return fc.record({
    name: fc.constantFrom(...names),
    namespace,
    labels,
    creationTimestamp: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  })
}

const serviceEntry = fc.record({
  kind: fc.constant('ServiceEntry'),
  metadata: metadata('e1', 'e2', 'e3'),
  spec: fc.record({
    hosts: fc.uniqueArray(fc.constantFrom('a.test', 'b.test', 'web.ns1.svc.cluster.local'), {
      minLength: 1,
    }),
    resolution: fc.constant('STATIC'),
    ports: fc
      .constantFrom('HTTP', 'GRPC')
      .map((protocol) => [{ number: 80, name: 'http', protocol }]),
    workloadSelector: labels.map((selected) => ({ labels: selected })),
  }),
})

const workloadEntry = fc.record({
  kind: fc.constant('WorkloadEntry'),
  metadata: metadata('w1', 'w2'),
  spec: fc.record({ address: fc.constantFrom('192.0.2.1', '192.0.2.2'), labels }),
})

const pod = fc.record({
  kind: fc.constant('Pod'),
  metadata: metadata('p1', 'p2'),
  spec: fc.record({
    hostname: fc.constantFrom('h1', 'h2'),
    subdomain: fc.constant('web'),
    nodeName: nodeName,
  }),
  status: ready.map((isReady) => ({
    podIP: '192.0.2.9',
    phase: 'Running',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  })),
})

const service = fc.record({
  kind: fc.constant('Service'),
  metadata: metadata('web', 'db'),
  spec: fc.record(
    {
      ports: fc.constant([{ port: 80, name: 'http' }]),
      selector: labels,
      clusterIP: fc.constantFrom('10.96.0.1', 'None'),
    },
    { requiredKeys: ['ports'] },
  ),
})

const owner = fc.constantFrom('web', 'db')
const sliceLabels = fc.record(
  {
    'kubernetes.io/service-name': owner,
    'multicluster.kubernetes.io/service-name': owner,
    'multicluster.kubernetes.io/source-cluster': fc.constantFrom('east', 'west'),
  },
  { requiredKeys: [] },
)

const slice = fc.record({
  kind: fc.constant('EndpointSlice'),
  metadata: fc
    .tuple(metadata('s1', 's2'), sliceLabels)
    .map(([meta, owners]) => ({ ...meta, labels: owners })),
  addressType: fc.constant('IPv4'),
  ports: fc.constant([{ port: 8080, name: 'http' }]),
  endpoints: fc.tuple(ready, fc.constantFrom('p1', 'p2'), nodeName).map(([isReady, name, node]) => [
    {
      addresses: ['10.0.0.1'],
      conditions: { ready: isReady },
      targetRef: { kind: 'Pod', name },
      nodeName: node,
    },
  ]),
})

const node = fc.record({
  kind: fc.constant('Node'),
  metadata: fc.record({
    name: nodeName,
    labels: fc.constantFrom('eu', 'us').map((region) => ({
      'topology.kubernetes.io/region': region,
    })),
  }),
})

const namespaceObject = fc.record({
  kind: fc.constant('Namespace'),
  metadata: fc.record({
    name: fc.constantFrom('ns1', 'ns2'),
    annotations: fc.constantFrom({}, traffic('PreferSameZone'), traffic('PreferSameNode')),
  }),
})

function traffic(value: string) {
  return { 'networking.istio.io/traffic-distribution': value }
}

const serviceImport = fc.record({
  kind: fc.constant('ServiceImport'),
  metadata: metadata('web', 'db'),
  spec: fc.record({
    type: fc.constantFrom('ClusterSetIP', 'Headless'),
    ips: fc.constantFrom([], ['10.97.0.1']),
    ports: fc.constant([{ port: 80, name: 'http' }]),
  }),
})

const written: fc.Arbitrary<WrittenObject> = fc.oneof(
  serviceEntry,
  workloadEntry,
  pod,
  service,
  slice,
  node,
  namespaceObject,
  serviceImport,
)

/** A file is written anew, or all files come in another order. */
const step = fc.record({
  file: fc.constantFrom('a', 'b', 'c'),
  objects: fc.array(written, { maxLength: 4 }),
  reversed: fc.boolean(),
})

/** What is in a file stays the same object where nothing about it changed. */
function rewrite(
  before: readonly MeshObject[],
  objects: readonly WrittenObject[],
  file: string,
): readonly MeshObject[] {
  const left = new Map(before.map((object) => [textOf(object), object]))
  return objects.map((one) => {
    const object = meshObject(one, file)
    const text = textOf(object)
    const known = left.get(text)
    left.delete(text)
    return known ?? object
  })
}

function textOf({ meta }: MeshObject): string {
  return JSON.stringify(meta.document.value)
}

function stateOf(unique: UniqueObjects, translator: Translator) {
  const findings = [...unique.findings(), ...translator.findings()]
  return {
    objects: unique.objects(),
    services: [...translator.services()].sort(([a], [b]) => (a < b ? -1 : 1)),
    findings: findings.map(formatFinding).sort(),
  }
}

describe('Translator', () => {
  it('comes to the same, change by change, as from nothing; and names what changed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const unique = new UniqueObjects()
        const translator = new Translator(options)
        let groups: readonly ObjectGroup[] = []
        for (const { file, objects, reversed } of steps) {
          const old = groups.find(({ name }) => name === file)?.objects ?? []
          const group = { name: file, objects: rewrite(old, objects, file) }
          const others = groups.filter(({ name }) => name !== file)
          groups = [...others, group].sort((a, b) => (a.name < b.name ? -1 : 1))
          if (reversed) groups = groups.toReversed()
          const before = new Map(translator.services())
          const changed = translator.update(unique.update(groups))

          const [freshUnique, fresh] = [new UniqueObjects(), new Translator(options)]
          fresh.update(freshUnique.update(groups))
          assert.deepEqual(stateOf(unique, translator), stateOf(freshUnique, fresh))
          const hosts = new Set([...before.keys(), ...translator.services().keys()])
          for (const host of hosts) {
            const isOther = translator.services().get(host) !== before.get(host)
            assert.equal(changed.has(host), isOther, host)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
