import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { after, before, describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ClientTls } from '../../src/rpc/channel.ts'
import { entriesOf, hostNames } from '../../src/testing/machine-hosts.ts'
import { typeUrls } from '../../src/xds/type-url.ts'
import { AttackedController } from './attacked-controller.ts'
import {
  certificatePath,
  discoveryPath,
  envelope,
  firstRequest,
  openRawCall,
  openSession,
} from './raw-calls.ts'

const typeUrl = typeUrls.address
const mebi = 1_048_576
const manyHosts = 6_000

/** Somebody with a good certificate who means harm. */
describe('the process of a controller', { timeout: 600_000 }, () => {
  let attacked: AttackedController
  let own: ClientTls['own']
  before(async () => {
    // A first request of megabytes may take a busy machine long.
    const flags = [
      '--xds-ack-timeout-ms',
      '15000',
      '--xds-limits-first-request-timeout-ms',
      '120000',
    ]
    attacked = await AttackedController.start(flags, {
      'many.yaml': entriesOf(hostNames(1, manyHosts)),
    })
    own = (await (await attacked.mesh.join()).current()).tls.own
  })
  after(() => attacked.stop())

  const openCall = async (test: TestContext): Promise<ClientHttp2Stream> =>
    openRawCall(await openSession(test, attacked, own), discoveryPath)

  it('refuses a hundred thousand subscriptions', async (test) => {
    const names = Array.from({ length: 100_000 }, (_, at) => `vms/h${at}.test`)
    const call = await openCall(test)
    await attacked.refusesBecause(
      'too_many_names',
      () => void call.write(firstRequest({ typeUrl, resourceNamesSubscribe: names })),
      /100000 names, more than 50000/,
    )
    await attacked.harmsNobody()
  })

  it('answers one who holds three hundred thousand things that do not exist, a page at a time', async (test) => {
    const before = attacked.residentMib
    const count = 300_000
    const held = Array.from({ length: count }, (_, at) => [`vms/none${at}.test`, '1'] as const)
    const call = await openCall(test)
    call.write(firstRequest({ typeUrl, initialResourceVersions: Object.fromEntries(held) }))
    const [first] = (await once(call, 'data')) as [Buffer]
    assert.ok(first.length > 0)
    await attacked.harmsNobody()
    test.diagnostic(`${Math.round(attacked.residentMib - before)} MiB`)
    assert.ok(attacked.residentMib - before < 500)
  })

  it('refuses a request that is larger than one may be', async (test) => {
    const call = await openCall(test)
    await attacked.refusesBecause('message_too_large', () => {
      call.write(Buffer.from([0, 0x03, 0, 0, 0])) // 48 MiB
      call.write(Buffer.alloc(mebi))
    })
    await attacked.harmsNobody()
  })

  it('reads no large request for a certificate of somebody who is not known yet', async (test) => {
    const call = openRawCall(await openSession(test, attacked), certificatePath)
    await attacked.refusesBecause('message_too_large', () => void call.write(Buffer.alloc(5, 1)))
    await attacked.harmsNobody()
  })

  it('unpacks no large request for a certificate either', async (test) => {
    const call = openRawCall(await openSession(test, attacked), certificatePath, 'gzip')
    const bomb = gzipSync(Buffer.alloc(32 * mebi))
    assert.ok(bomb.length < 65_536)
    await attacked.refusesBecause('message_too_large', () => void call.end(envelope(bomb, true)))
    await attacked.harmsNobody()
  })

  it('keeps little for clients that never read, and ends their streams', async (test) => {
    const before = attacked.residentMib
    const sessions = await Promise.all(
      Array.from({ length: 4 }, () => openSession(test, attacked, own)),
    )
    const calls = sessions.flatMap((session) => twelveCalls(session))
    await attacked.refusesBecause('not_acknowledged', async () => {
      for (const call of calls) call.write(firstRequest({ typeUrl }))
      for (let change = 0; change < 20; change += 1) await attacked.harmsNobody()
      test.diagnostic(
        `${Math.round(attacked.residentMib - before)} MiB for ${calls.length} streams`,
      )
      // The table that each is owed has three and more.
      assert.ok(attacked.residentMib - before < 2.5 * calls.length)
    })
    await attacked.harmsNobody()
  })
})

function twelveCalls(session: ClientHttp2Session): ClientHttp2Stream[] {
  return Array.from({ length: 12 }, () => openRawCall(session, discoveryPath))
}
