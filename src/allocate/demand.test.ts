import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseIp } from '../ip/address.ts'
import type { Service } from '../registry/service.ts'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { Demand } from './demand.ts'
import { explicitAddresses, wantedOwners } from './wanted.ts'

const address = fc.constantFrom('198.51.100.1', '198.51.100.2', 'fd00::1').map(parseIp)

const step = fc.record({
  host: fc.constantFrom('a.test', 'b.test', 'c.test'),
  services: fc.array(
    fc.record({
      namespace: fc.constantFrom('ns1', 'ns2'),
      allocatable: fc.boolean(),
      addresses: fc.uniqueArray(address, { maxLength: 2 }),
      createdAt: fc.nat(2),
    }),
    { maxLength: 3 },
  ),
})

describe('Demand', () => {
  it('is, change by change, what all services want together; and tells when it changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
        const demand = new Demand(() => true)
        const all = new Map<string, readonly Service[]>()
        let before = stateOf(demand)
        for (const { host, services: given } of steps) {
          const services = given.map((fields) => serviceOf(host, fields))
          const isNew = demand.set(hostname(host), services)
          all.set(host, services)
          const after = stateOf(demand)
          if (!isNew) assert.deepEqual(after, before)
          before = after

          const flat = [...all.values()].flat()
          assert.deepEqual(after.wanted, sorted(wantedOwners(flat)))
          assert.deepEqual(after.explicit, [...explicitAddresses(flat).keys()].sort())
          for (const [claimed, owner] of demand.explicit()) {
            const claiming = flat.filter(({ addresses }) => addresses.includes(claimed))
            assert.ok(claiming.some(({ namespace, host: own }) => `${namespace}/${own}` === owner))
          }
        }
      }),
    )
  })

  it('has nothing new where only addresses change that are nobody’s to give out', () => {
    const ours = parseIp('240.240.0.1')
    const demand = new Demand((address) => address === ours)
    const set = (text: string) => {
      const service = serviceOf('a.test', { addresses: [parseIp(text)] })
      return demand.set(service.host, [service])
    }
    assert.deepEqual(['192.0.2.1', '192.0.2.2', ours, ours, '192.0.2.1'].map(set), [
      false,
      false,
      true,
      false,
      true,
    ])
    assert.deepEqual([...demand.explicit().keys()], ['192.0.2.1'])
  })

  it('names the first who claims an address, and the next one when that is gone', () => {
    const demand = new Demand(() => true)
    const claimed = parseIp('198.51.100.1')
    const hosts = ['b.test', 'a.test', 'c.test'].map(hostname)
    for (const host of hosts) demand.set(host, [serviceOf(host, { addresses: [claimed] })])
    const owners = hosts.map((host) => {
      const owner = demand.explicit().get(claimed)
      demand.set(host, [])
      return owner
    })
    assert.deepEqual(owners, ['default/b.test', 'default/a.test', 'default/c.test'])
    assert.equal(demand.explicit().size, 0)
  })
})

function stateOf(demand: Demand) {
  return { wanted: sorted(demand.wanted()), explicit: [...demand.explicit().keys()].sort() }
}

function sorted(wanted: ReturnType<typeof wantedOwners>) {
  return wanted.toSorted((a, b) => (a.owner < b.owner ? -1 : 1))
}
