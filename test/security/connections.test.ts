import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setInterval } from 'node:timers/promises'
import { until } from '../../src/testing/until.ts'
import { AttackedController } from './attacked-controller.ts'
import { frame, openCall, openCallByHalf, preface } from './http2-octets.ts'
import { RawClient } from './raw-client.ts'

/** Long enough for good clients on a busy machine. */
const timeoutMs = '2000'

const cancelled = Buffer.from([0, 0, 0, 8])

interface Flood {
  readonly name: string
  /** What is said over and over; `index` counts from 0. */
  readonly make: (index: number) => Buffer
  readonly words: RegExp
}

const many = (count: number, make: (index: number) => Buffer) => (index: number) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => make(index * count + at)))

const floods: readonly Flood[] = [
  {
    name: 'pings',
    make: many(1_000, () => frame('ping', 0, { payload: Buffer.alloc(8) })),
    words: /Flooding was detected/,
  },
  {
    name: 'settings',
    make: many(1_000, () => frame('settings', 0)),
    words: /Flooding was detected/,
  },
  {
    name: 'calls that are cancelled at once (rapid reset)',
    make: many(100, (index) => {
      const stream = index * 2 + 1
      return Buffer.concat([openCall(stream), frame('reset', stream, { payload: cancelled })])
    }),
    words: /ERR_HTTP2/,
  },
  {
    name: 'calls beyond those that a connection may have',
    make: many(100, (index) => openCall(index * 2 + 1)),
    words: /ERR_HTTP2/,
  },
  {
    name: 'pieces of one header that never ends',
    make: (index) =>
      index === 0
        ? openCallByHalf(1)
        : frame('continuation', 1, { payload: Buffer.alloc(1_000, 0x40) }),
    words: /CONTINUATION/,
  },
  {
    name: 'a frame that is larger than we said it may be',
    make: (index) =>
      index === 0 ? openCall(1) : frame('data', 1, { payload: Buffer.alloc(1 << 17) }),
    words: /ERR_HTTP2/,
  },
]

describe('the process of a controller', () => {
  let attacked: AttackedController
  before(async () => {
    const flags = ['--xds-limits-handshake-timeout-ms', timeoutMs]
    flags.push('--xds-limits-first-request-timeout-ms', timeoutMs)
    attacked = await AttackedController.start(flags)
  })
  after(() => attacked.stop())

  for (const { name, make, words } of floods) {
    it(`breaks off a flood of ${name}`, async () => {
      const before = attacked.residentMib
      await attacked.refusesBecause(
        'http2_misused',
        async () => {
          const client = await RawClient.tls(attacked.tls)
          await client.say(preface)
          await client.sayUntilCutOff(10_000, make)
        },
        words,
      )
      await attacked.harmsNobody()
      assert.ok(attacked.residentMib < before + 200)
    })
  }

  it('cuts off those who take too long, wherever they stop', async () => {
    const slow = [
      {
        reason: 'tls_handshake',
        begin: () => RawClient.plain(attacked.tls),
        octets: Buffer.from('\x16\x03\x01\x02\x00\x01', 'latin1'),
      },
      { reason: 'no_request', begin: () => RawClient.tls(attacked.tls), octets: Buffer.alloc(0) },
      {
        reason: 'no_request',
        begin: () => RawClient.tls(attacked.tls),
        octets: preface.subarray(0, 10),
      },
      {
        reason: 'no_request',
        begin: () => RawClient.tls(attacked.tls),
        octets: Buffer.concat([preface, openCallByHalf(1)]),
      },
      {
        reason: 'no_request',
        begin: () => RawClient.plain(attacked.plaintext),
        octets: Buffer.concat([preface, openCallByHalf(1)]),
      },
    ]
    await Promise.all(
      slow.map(async ({ reason, begin, octets }) => {
        const client = await begin()
        await client.say(octets)
        await client.cutOff()
        await until(() => attacked.refusals.some((line) => line.reason === reason))
      }),
    )
    const told = attacked.refusals.filter(({ reason }) => reason === 'no_request')
    assert.equal(new Set(told.map(({ client }) => client)).size, slow.length - 1)
    await attacked.harmsNobody()
  })

  it('cuts off one who says an octet from time to time, and makes no call', async () => {
    const ping = frame('ping', 0, { payload: Buffer.alloc(8) })
    const client = await RawClient.tls(attacked.tls)
    await client.say(preface)
    await attacked.refusesBecause('no_request', async () => {
      // The pace of the attack, not a wait for anything.
      let at = 0
      for await (const _ of setInterval(50)) {
        if (client.isClosed) break
        await client.say(ping.subarray(at, at + 1))
        at = (at + 1) % ping.length
      }
    })
    await attacked.harmsNobody()
  })

  it('ends a call that never says its first word', async () => {
    const client = await RawClient.plain(attacked.plaintext)
    await attacked.refusesBecause('no_request', () =>
      client.say(Buffer.concat([preface, openCall(1)])),
    )
    client.close()
    await attacked.harmsNobody()
  })

  it('lets in no flood of connections of one address, and everybody else', async () => {
    const clients: RawClient[] = []
    const line = await attacked.refusesBecause('too_many_new_connections_of_address', async () => {
      while (
        !attacked.refusals.some(({ reason }) => reason === 'too_many_new_connections_of_address')
      ) {
        const batch = Array.from({ length: 100 }, () => RawClient.plain(attacked.tls, '127.0.0.9'))
        clients.push(...(await Promise.all(batch)))
        assert.ok(clients.length < 20_000)
      }
    })
    assert.match(line?.client ?? '', /^127\.0\.0\.9:/)
    assert.ok((await (await attacked.mesh.join()).current()).tls.own)
    await attacked.harmsNobody()
    for (const client of clients) client.close()
  })
})
