import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyLedger } from '../allocate/ledger.ts'
import { VirtualAddressOptions } from '../allocate/options.ts'
import { poolsOf } from '../allocate/pools.ts'
import { scopeOf } from '../registry/scope.ts'
import type { Service } from '../registry/service.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { hostname, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { parseName } from '../wire/name.ts'
import { recordClass } from '../wire/record-class.ts'
import { parseRecordType } from '../wire/record-type.ts'
import type { OfflineMesh } from './offline-mesh.ts'
import { offlineNames } from './offline-names.ts'

/** A Service of type ExternalName. */
function alias(name: string, externalName: string): Service {
  return serviceOf(`${name}.default.svc.cluster.local`, {
    registry: 'Kubernetes',
    shortName: name,
    externalName: hostname(externalName),
    resolution: 'DNS',
    allocatable: false,
  })
}

const services = [
  serviceOf('auto.internal'),
  alias('inside', 'auto.internal'),
  alias('outside', 'elsewhere.test'),
  alias('circle', 'circle.default.svc.cluster.local'),
]

const mesh: OfflineMesh = {
  services,
  view: view(services, { 'auto.internal': '240.240.0.1' }),
  ledger: emptyLedger,
  findings: [],
  namespace: 'default',
  scope: scopeOf({ namespace: 'default', labels: new Map() }, [], 'istio-system'),
  clusterDomain: 'cluster.local',
  pools: poolsOf(VirtualAddressOptions.parse({})),
  isOfCluster: true,
}

interface Case {
  readonly name: string
  readonly asked: string
  readonly want: readonly string[] | undefined
}

const below = 'default.svc.cluster.local.'

const cases: readonly Case[] = [
  {
    name: 'are in the case of the question',
    asked: 'AUTO.internal. A',
    want: ['NOERROR', 'AUTO.internal. A 240.240.0.1'],
  },
  {
    name: 'have what is behind an alias in the mesh',
    asked: `inside.${below} A`,
    want: ['NOERROR', `inside.${below} CNAME auto.internal.`, 'auto.internal. A 240.240.0.1'],
  },
  {
    name: 'end with the alias that leads outside',
    asked: `outside.${below} A`,
    want: ['NOERROR', `outside.${below} CNAME elsewhere.test.`],
  },
  {
    name: 'are empty where the aliases of a cluster lead in a circle, as its own DNS has them',
    asked: `circle.${below} A`,
    want: ['NOERROR'],
  },
  {
    name: 'are found below a search domain of pods',
    asked: `auto.internal.${below} A`,
    want: ['NOERROR', `auto.internal.${below} A 240.240.0.1`],
  },
  { name: 'are empty for what a host has not', asked: 'auto.internal. HTTPS', want: ['NOERROR'] },
  { name: 'are not there for other names', asked: 'elsewhere.test. A', want: undefined },
]

function ask(text: string) {
  const [name = '', type = ''] = text.split(' ')
  return offlineNames(mesh).answer({
    name: parseName(name),
    type: parseRecordType(type),
    class: recordClass.IN,
  })
}

describe('answers of a mesh that was read from files', () => {
  for (const { name, asked, want } of cases) {
    it(name, () => {
      const said = ask(asked)
      assert.deepEqual(said && describeMessage(said), want)
    })
  }
})
