import assert from 'node:assert/strict'
import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { DeltaDiscoveryResponseSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { serviceResource } from '../../testing/fake-ads-server.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { until } from '../../testing/until.ts'
import { typeUrls } from '../type-url.ts'
import { type DeltaResponse, decodeResponse } from './decode-response.ts'
import { SavedTable, savedTableFile } from './saved-table.ts'
import { encodeFrame } from './table-frames.ts'

const one = serviceResource('one.test', '10.0.0.1')
const two = serviceResource('two.test', '10.0.0.2')
const otherOne = serviceResource('one.test', '10.0.0.9')

interface Damage {
  readonly name: string
  readonly damage: (octets: Buffer) => Buffer
  readonly code: RegExp
}

const damages: readonly Damage[] = [
  {
    name: 'a file in which an octet is another',
    damage: (octets) => octets.fill(0xff, 30, 31),
    code: /\.damaged-/,
  },
  { name: 'a file that is no table', damage: () => Buffer.from('{}\n'), code: /\.damaged-/ },
  { name: 'an empty file', damage: () => Buffer.alloc(0), code: /\.damaged-/ },
  {
    name: 'a file of a later version',
    damage: () => encodeFrame(Buffer.from('{"format":"meshdns table","version":2,"type":"other"}')),
    code: /\.newer-/,
  },
]

describe('SavedTable', () => {
  it('gives back after a restart what was saved, with its versions and its age', async (test) => {
    const folder = await temporaryFolder(test)
    const { table, clock } = open(test, folder)
    table.begin(typeUrls.address)
    table.append(put(one))
    table.append(put(two))
    table.complete('soon')
    table.append(response({ resources: [otherOne], removedResources: ['default/two.test'] }))
    table.confirm(1)
    await table.stop()
    const next = open(test, folder)
    const { held, loaded } = await load(next.table)
    assert.deepEqual(held, { 'default/one.test': '10.0.0.9' })
    assert.deepEqual(loaded?.typeUrl, typeUrls.address)
    assert.equal(loaded?.goodAtMs, clock.wall())
    assert.deepEqual(next.health.items(), [])
  })

  it('begins with nothing where nothing was saved, without complaint', async (test) => {
    const { table, health } = open(test, join(await temporaryFolder(test), 'new'))
    assert.deepEqual(await load(table), { held: {}, loaded: undefined })
    assert.deepEqual(health.items(), [])
  })

  it('keeps the table before until the next one is whole', async (test) => {
    const folder = await temporaryFolder(test)
    await save(folder, [put(one)])
    const { table } = open(test, folder)
    await load(table)
    table.begin(typeUrls.address)
    table.append(put(two))
    await table.stop()
    assert.deepEqual((await load(open(test, folder).table)).held, {
      'default/one.test': '10.0.0.1',
    })
  })

  it('writes after a while, not with each change', async (test) => {
    const folder = await temporaryFolder(test)
    const { table, clock } = open(test, folder)
    table.begin(typeUrls.address)
    table.append(put(one))
    table.complete('soon')
    clock.advance(1_999)
    assert.deepEqual(await readdir(folder), [])
    clock.advance(1)
    let names: readonly string[] = []
    await until(() => {
      void readdir(folder).then((found) => (names = found))
      return names.includes('controller-table')
    })
    await table.stop()
  })

  it('is readable by its user only, and goes round a link in its way', async (test) => {
    const folder = join(await temporaryFolder(test), 'state')
    await save(folder, [put(one)])
    await writeFile(join(folder, 'other'), 'not ours')
    await symlink('other', `${savedTableFile(folder)}.new`)
    await save(folder, [put(two)])
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    assert.equal((await stat(savedTableFile(folder))).mode & 0o777, 0o600)
    assert.equal(await readFile(join(folder, 'other'), 'utf8'), 'not ours')
    assert.deepEqual((await load(open(test, folder).table)).held, {
      'default/two.test': '10.0.0.2',
    })
  })

  it('is written anew when most of it no longer counts', async (test) => {
    const folder = await temporaryFolder(test)
    const { table } = open(test, folder)
    table.begin(typeUrls.address)
    table.append(put(two))
    table.complete('soon')
    for (let turn = 0; turn < 10_100; turn += 1) table.append(put(turn % 2 ? one : otherOne))
    table.confirm(2)
    await table.stop()
    const { size } = await stat(savedTableFile(folder))
    assert.ok(size < 2_000, String(size))
    const want = { 'default/two.test': '10.0.0.2', 'default/one.test': '10.0.0.1' }
    assert.deepEqual((await load(open(test, folder).table)).held, want)
  })

  it('goes on where a crash cut it off', async (test) => {
    const folder = await temporaryFolder(test)
    await save(folder, [put(one), put(two)])
    const octets = await readFile(savedTableFile(folder))
    await writeFile(savedTableFile(folder), octets.subarray(0, -3))
    const { table, health } = open(test, folder)
    assert.deepEqual((await load(table)).held, { 'default/one.test': '10.0.0.1' })
    assert.deepEqual(health.items(), [])
    table.append(put(two))
    await table.stop()
    assert.equal(Object.keys((await load(open(test, folder).table)).held).length, 2)
  })

  for (const { name, damage, code } of damages) {
    it(`sets aside ${name}`, async (test) => {
      const folder = await temporaryFolder(test)
      await save(folder, [put(one), put(two)])
      const file = savedTableFile(folder)
      await writeFile(file, damage(await readFile(file)))
      const { table, health } = open(test, folder)
      assert.equal((await load(table)).loaded, undefined)
      assert.deepEqual(
        health.items().map((item) => item.code),
        ['XDS_SAVED_TABLE_DAMAGED'],
      )
      const [aside, ...others] = await readdir(folder)
      assert.match(aside ?? '', code)
      assert.deepEqual(others, [])
    })
  }

  it('tells when it cannot write, and tries again', async (test) => {
    const folder = await temporaryFolder(test)
    const blocked = join(folder, 'state')
    await writeFile(blocked, '')
    const { table, health, clock } = open(test, blocked)
    table.begin(typeUrls.address)
    table.append(put(one))
    table.complete('soon')
    clock.advance(2_000)
    await until(() => health.items().some(({ code }) => code === 'XDS_SAVED_TABLE_UNSAVED'))
    await table.stop()
  })
})

function open(test: Pick<TestContext, 'after'>, stateFolder: string) {
  const [clock, health] = [new FakeClock(), new Health()]
  const ports = { clock, health, log: silentLog, meters: new Meters() }
  const table = new SavedTable({ stateFolder, saveEveryMs: 2_000 }, ports)
  test.after(() => table.stop())
  return { table, clock, health }
}

async function save(folder: string, changes: readonly DeltaResponse[]): Promise<void> {
  const { table } = open({ after: () => {} }, folder)
  table.begin(typeUrls.address)
  for (const change of changes) table.append(change)
  table.complete('soon')
  await table.stop()
}

/** Name to version of everything that counts. */
async function load(table: SavedTable) {
  const held: Record<string, string> = {}
  const loaded = await table.load(({ resources, removedResources }) => {
    for (const name of removedResources) delete held[name]
    for (const { name, version } of resources) held[name] = version
  })
  return { held, loaded }
}

function put(resource: ReturnType<typeof serviceResource>): DeltaResponse {
  return response({ resources: [resource] })
}

function response(fields: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): DeltaResponse {
  const message = create(DeltaDiscoveryResponseSchema, fields)
  return decodeResponse(toBinary(DeltaDiscoveryResponseSchema, message))
}
