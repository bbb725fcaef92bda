import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../../ip/address.ts'
import { registrant, workloadGroup } from '../../testing/registration.ts'
import { checkIdentity, checkRegistrant } from './check-registrant.ts'
import type { Registrant } from './registrant.ts'

const identity = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'ratings' }

interface Refused {
  readonly name: string
  readonly registrant: Registrant
  /** Of the template; `ratings` when missing. */
  readonly serviceAccount?: string
  readonly code: string
  readonly message: RegExp
}

const { address: _, ...addressless } = registrant()
const { identity: __, ...unknown } = registrant()

const refused: readonly Refused[] = [
  {
    name: 'nobody in particular, as over plaintext',
    registrant: unknown,
    code: 'REGISTER_FORBIDDEN',
    message: /shop\/vms takes nobody who does not show who it is/,
  },
  {
    name: 'another service account',
    registrant: registrant({ identity: { ...identity, serviceAccount: 'reviews' } }),
    code: 'REGISTER_FORBIDDEN',
    message: /for service account ratings, not for spiffe:.*reviews/,
  },
  {
    name: 'another namespace',
    registrant: registrant({ identity: { ...identity, namespace: 'bank' } }),
    code: 'REGISTER_FORBIDDEN',
    message: /not for spiffe:.*bank/,
  },
  {
    name: 'a service account where the group names none',
    serviceAccount: '',
    registrant: registrant(),
    code: 'REGISTER_FORBIDDEN',
    message: /for service account default/,
  },
  {
    name: 'a machine without an address',
    registrant: addressless,
    code: 'REGISTER_INVALID',
    message: /no address cannot be the address/,
  },
  ...['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', 'ff02::1', '127.0.0.1', '::1'].map(
    (address) => ({
      name: `the address ${address}`,
      registrant: registrant({ address: parseIp(address) }),
      code: 'REGISTER_INVALID',
      message: /cannot be the address of a workload/,
    }),
  ),
  ...['../../etc', 'a/b', 'a\nb', 'UPPER', '-', 'nw..1', '\0'].map((network) => ({
    name: `the network ${JSON.stringify(network)}`,
    registrant: registrant({ network }),
    code: 'REGISTER_INVALID',
    message: /make no object name/,
  })),
  {
    name: 'a label key that leads elsewhere',
    registrant: registrant({ labels: new Map([['../x', 'y']]) }),
    code: 'REGISTER_INVALID',
    message: /is not a label/,
  },
  {
    name: 'the label key __proto__',
    registrant: registrant({ labels: new Map([['__proto__', 'y']]) }),
    code: 'REGISTER_INVALID',
    message: /is not a label/,
  },
  {
    name: 'a huge label',
    registrant: registrant({ labels: new Map([['app', 'x'.repeat(100_000)]]) }),
    code: 'REGISTER_INVALID',
    message: /is not a label/,
  },
  {
    name: 'too many labels',
    registrant: registrant({
      labels: new Map(Array.from({ length: 129 }, (_, at) => [`l${at}`, 'x'])),
    }),
    code: 'REGISTER_INVALID',
    message: /129 labels are too many/,
  },
]

describe('checkIdentity and checkRegistrant', () => {
  for (const { name, registrant: asked, serviceAccount = 'ratings', code, message } of refused) {
    it(`refuses ${name}`, () => {
      const group = workloadGroup({ template: serviceAccount === '' ? {} : { serviceAccount } })
      assert.throws(
        () => {
          checkIdentity(asked, group)
          checkRegistrant(asked)
        },
        { code, message },
      )
    })
  }

  it('takes who the group is for', () => {
    checkIdentity(registrant(), workloadGroup())
    assert.equal(checkRegistrant(registrant()).address, '10.0.0.7')
  })

  it('takes the service account default where the group names none', () => {
    const asked = registrant({ identity: { ...identity, serviceAccount: 'default' } })
    checkIdentity(asked, workloadGroup({ template: {} }))
  })

  it('says no more of a huge label than anybody wants to read', () => {
    const asked = registrant({ labels: new Map([['app', 'x'.repeat(100_000)]]) })
    try {
      checkRegistrant(asked)
      assert.fail('it was taken')
    } catch (error) {
      assert.ok(error instanceof Error && error.message.length < 300)
    }
  })
})
