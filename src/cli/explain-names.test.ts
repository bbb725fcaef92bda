import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyLedger } from '../allocate/ledger.ts'
import { VirtualAddressOptions } from '../allocate/options.ts'
import { poolsOf } from '../allocate/pools.ts'
import { parseIp } from '../ip/address.ts'
import { scopeOf } from '../registry/scope.ts'
import { virtualOwner } from '../registry/virtual-addresses.ts'
import { hostname, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { explainAddress } from './explain-address.ts'
import { explainName } from './explain-name.ts'
import type { OfflineMesh } from './offline-mesh.ts'
import { offlineNames } from './offline-names.ts'

const auto = serviceOf('auto.internal')
const mesh: OfflineMesh = {
  services: [auto],
  view: view([auto], { 'auto.internal': '240.240.0.1' }),
  ledger: emptyLedger,
  findings: [],
  namespace: 'shop',
  scope: scopeOf({ namespace: 'shop', labels: new Map() }, [], 'istio-system'),
  clusterDomain: 'cluster.local',
  pools: poolsOf(VirtualAddressOptions.parse({})),
  isOfCluster: true,
}

describe('explanations of a cluster', () => {
  it('know the search list of a pod', () => {
    for (const domain of ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local']) {
      const { facts } = explainName(`auto.internal.${domain}`, mesh, offlineNames(mesh))
      assert.equal(
        facts[0]?.text,
        `it is host auto.internal with the search domain ${domain} appended`,
      )
    }
  })

  it('say whose a virtual address is that nobody is told of', () => {
    const address = parseIp('240.240.0.9')
    const held = new Map([[virtualOwner('bank', hostname('db.test')), { v4: address }]])
    const unused = { ...mesh, ledger: { ...emptyLedger, held } }
    assert.match(explainAddress(address, unused).verdict, /is not used here/)
    assert.match(explainAddress(address, unused).facts[0]?.text ?? '', /^it was given to db\.test/)
    assert.match(explainAddress(address, mesh).verdict, /nobody holds/)
  })
})
