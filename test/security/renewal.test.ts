import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { CaFolder } from '../../src/identity/ca-folder.ts'
import { activateNextRoot, addNextRoot } from '../../src/identity/rotate-root.ts'
import { addressResource } from '../../src/testing/address-resources.ts'
import type { DeltaClient } from '../../src/testing/delta-client.ts'
import { type EnvoyStream, envoyNode } from '../../src/testing/envoy-discovery-client.ts'
import { startMeshIdentity } from '../../src/testing/mesh-identity-rig.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsTlsRig } from '../../src/testing/xds-tls-rig.ts'
import { typeUrls } from '../../src/xds/type-url.ts'

const rounds = 6
const streamsOfMachine = 5
const dayMs = 86_400_000
const typeUrl = typeUrls.address

function hears(client: DeltaClient, host: string): boolean {
  if (client.end) throw client.end
  return [...client.addresses.keys()].some((name) => name.endsWith(`/${host}`))
}

describe('a controller under load', () => {
  it('drops nobody while its root is rotated and certificates are renewed', async (test) => {
    const mesh = await startMeshIdentity(test)
    const clients: DeltaClient[] = []
    const join = async () => {
      const machine = await mesh.join()
      const shown = await machine.current()
      const tls = { ...shown.tls, roots: await mesh.roots() }
      const streams = Array.from({ length: streamsOfMachine }, () => mesh.connect({ tls }))
      clients.push(...streams)
    }
    for (let round = 0; round < rounds; round += 1) {
      const host = `round${round}.test`
      // The test reads the files of the CA itself when it joins, so not while they are replaced.
      if (round === 1) await addNextRoot(new CaFolder(mesh.caFolder), systemClock.wall())
      if (round === 3) await activateNextRoot(new CaFolder(mesh.caFolder))
      await Promise.all([join(), mesh.declare(host)])
      await until(() => clients.every((client) => hears(client, host)))
    }
    const count = (words: string) => mesh.lines.filter((line) => line.includes(words)).length
    await until(() => count('renewed the certificate of the controller') >= 2)
    assert.equal(clients.length, rounds * streamsOfMachine)
    assert.equal(count('refused'), 0)
  })
})

describe('a clock that is set', () => {
  const acknowledged = async (stream: EnvoyStream): Promise<number> => {
    const { nonce, resources } = await stream.next()
    stream.send({ type_url: typeUrl, response_nonce: nonce })
    return resources.length
  }

  for (const { name, jumps } of [
    { name: 'a day forward', jumps: [dayMs] },
    { name: 'a day back', jumps: [-dayMs] },
    { name: 'a day forward, and back again', jumps: [dayMs, -dayMs] },
  ]) {
    it(`${name}: no stream ends, and each change arrives`, async (test) => {
      const rig = await startXdsTlsRig(test)
      const { clock } = rig.identity
      const stream = await rig.open({ as: {} })
      stream.send({ node: envoyNode('ztunnel', 'vm1', { NAMESPACE: 'vms' }), type_url: typeUrl })
      await acknowledged(stream)
      for (const [index, jump] of jumps.entries()) {
        const { key } = rig.certificate.current()
        clock.jump(jump)
        clock.advance(30_000)
        await until(() => rig.certificate.current().key !== key)
        const put = [addressResource('ns1/a.test', { version: String(index) })]
        rig.server.publish({ put, drop: [] })
        assert.equal(await acknowledged(stream), 1)
      }
      assert.equal(stream.ended, false)
      if (Math.abs(clock.wall() - systemClock.wall()) > dayMs / 2) return
      // Those who come now see a certificate that counts by a clock that was not set.
      const next = await rig.open({ as: {} })
      next.send({ node: envoyNode('ztunnel', 'vm2', { NAMESPACE: 'vms' }), type_url: typeUrl })
      assert.equal(await acknowledged(next), 1)
    })
  }
})
