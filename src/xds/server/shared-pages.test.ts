import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressResource, scopeOfNamespace } from '../../testing/address-resources.ts'
import { EnvoyStream, envoyNode } from '../../testing/envoy-discovery-client.ts'
import { startXdsTlsRig } from '../../testing/xds-tls-rig.ts'
import { typeUrls } from '../type-url.ts'
import { AddressCollection } from './address-collection.ts'
import { AddressFeed } from './address-feed.ts'
import { Page } from './page.ts'

const pageOctets = 4_096
const padded = (at: number, fields: object = {}) =>
  addressResource(`ns1/host${at}.test`, { paddingOctets: 1_000, ...fields })

/** Ten full pages, and one that is not. */
function createCollection(): AddressCollection {
  const collection = new AddressCollection(pageOctets)
  collection.apply({ put: Array.from({ length: 41 }, (_, at) => padded(at)), drop: [] })
  return collection
}

/** What one new stream is sent that others share. */
function readShared(collection: AddressCollection): Uint8Array[] {
  const interest = { subscribe: [], unsubscribe: [], claims: [] }
  const feed = new AddressFeed(collection, scopeOfNamespace('ns1'), interest)
  const shared: Uint8Array[] = []
  for (let complete = false; !complete; ) {
    const page = new Page(pageOctets)
    complete = feed.advance(page)
    if (page.framed) shared.push(page.framed)
  }
  return shared
}

/** How many of the pages are the very same. */
function countKept(before: readonly Uint8Array[], after: readonly Uint8Array[]): number {
  return before.filter((octets) => after.includes(octets)).length
}

describe('pages that streams share', () => {
  it('are put together once', () => {
    const collection = createCollection()
    const pages = readShared(collection)
    assert.equal(pages.length, 10)
    assert.equal(countKept(pages, readShared(collection)), 10)
  })

  it('stay the same where nothing changed', () => {
    const collection = createCollection()
    const pages = readShared(collection)
    collection.apply({ put: [padded(6, { version: '2' })], drop: [padded(13).name] })
    assert.equal(countKept(pages, readShared(collection)), 8)
  })

  it('are divided anew when little is left of one', () => {
    const collection = createCollection()
    const pages = readShared(collection)
    collection.apply({ put: [], drop: [4, 5, 6].map((at) => padded(at).name) })
    const after = readShared(collection)
    assert.equal(after.length, 9)
    assert.equal(countKept(pages, after), 1)
  })

  it('are forgotten when nobody wants them any more', () => {
    const collection = createCollection()
    const pages = readShared(collection)
    collection.dropUnusedPages()
    assert.equal(countKept(pages, readShared(collection)), 10)
    collection.dropUnusedPages()
    collection.dropUnusedPages()
    assert.equal(countKept(pages, readShared(collection)), 0)
  })
})

describe('a long answer', () => {
  it('arrives whole at each of many streams, with and without TLS', async (test) => {
    const rig = await startXdsTlsRig(test, { pageOctets: 131_072 })
    rig.set({ scope: scopeOfNamespace('ns1') })
    const put = Array.from({ length: 600 }, (_, at) => padded(at, { paddingOctets: 2_000 }))
    rig.server.publish({ put, drop: [] })
    const plaintext = () => new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    const streams = [
      plaintext(),
      plaintext(),
      await rig.open({ as: {} }),
      await rig.open({ as: {} }),
    ]
    const tables = await Promise.all(streams.map((stream) => readTable(stream)))
    for (const stream of streams) stream.close()
    for (const table of tables) {
      assert.equal(table.size, 600)
      for (const octets of table.values()) assert.deepEqual(octets, Buffer.alloc(2_000))
    }
  })
})

/** Content by name. */
async function readTable(stream: EnvoyStream): Promise<Map<string, Buffer | undefined>> {
  const node = envoyNode('ztunnel', 'vm1', { NAMESPACE: 'vms' })
  stream.send({ node, type_url: typeUrls.address })
  const table = new Map<string, Buffer | undefined>()
  while (table.size < 600) {
    const { nonce, resources } = await stream.next()
    stream.send({ type_url: typeUrls.address, response_nonce: nonce })
    for (const { name, resource } of resources) {
      table.set(name ?? '', resource?.value)
    }
  }
  return table
}
