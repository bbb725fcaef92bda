import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { parseIp } from '../ip/address.ts'
import { virtualOwner } from '../registry/virtual-addresses.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { hostname } from '../testing/mesh.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { readVirtualAddresses, VirtualAddressStore } from './virtual-address-store.ts'

const owner = virtualOwner('default', hostname('auto.internal'))
const file = 'virtual-addresses.json'

describe('VirtualAddressStore', () => {
  it('gives back after a restart what was saved', async (test) => {
    const folder = await temporaryFolder(test)
    await open(folder).store.save(ledgerOf('240.240.0.7'))
    const { store, health } = open(folder)
    assert.deepEqual(await store.load(), ledgerOf('240.240.0.7'))
    assert.deepEqual(health.items(), [])
  })

  it('begins with nothing where nothing was saved, without complaint', async (test) => {
    const { store, health } = open(join(await temporaryFolder(test), 'new'))
    assert.deepEqual(await store.load(), emptyLedger)
    assert.deepEqual(health.items(), [])
  })

  it('makes the folder, for its user only, and leaves one file there, likewise', async (test) => {
    const folder = join(await temporaryFolder(test), 'a/b')
    await open(folder).store.save(ledgerOf('240.240.0.7'))
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder), [file])
  })

  it('writes what was saved last when it is saved often', async (test) => {
    const folder = await temporaryFolder(test)
    const { store } = open(folder)
    const saves = [1, 2, 3, 4, 5].map((last) => store.save(ledgerOf(`240.240.0.${last}`)))
    await Promise.all(saves)
    assert.deepEqual(await open(folder).store.load(), ledgerOf('240.240.0.5'))
  })

  it('survives a crash in the middle of writing, and a link in its way', async (test) => {
    const folder = await temporaryFolder(test)
    await open(folder).store.save(ledgerOf('240.240.0.7'))
    await writeFile(join(folder, 'other'), 'not ours')
    await symlink('other', join(folder, `${file}.new`))
    const { store } = open(folder)
    assert.deepEqual(await store.load(), ledgerOf('240.240.0.7'))
    await store.save(ledgerOf('240.240.0.8'))
    assert.deepEqual(await open(folder).store.load(), ledgerOf('240.240.0.8'))
    assert.equal(await readFile(join(folder, 'other'), 'utf8'), 'not ours')
  })

  for (const { name, text, suffix } of [
    { name: 'a damaged file', text: '{"version":1,', suffix: 'damaged' },
    {
      name: 'a file of a later version',
      text: '{"version":2,"checksum":"","ledger":0}',
      suffix: 'newer',
    },
  ]) {
    it(`sets ${name} aside, says where it is, and goes on`, async (test) => {
      const folder = await temporaryFolder(test)
      await writeFile(join(folder, file), text)
      const { store, health } = open(folder)
      assert.deepEqual(await store.load(), emptyLedger)
      const aside = `${file}.${suffix}-2026-01-01T00-00-00.000Z`
      assert.equal(await readFile(join(folder, aside), 'utf8'), text)
      const [item] = health.items()
      assert.equal(item?.code, 'VIRTUAL_STATE_DAMAGED')
      assert.ok(item?.detail.endsWith(aside), item?.detail)
      await store.save(ledgerOf('240.240.0.7'))
      assert.deepEqual(await open(folder).store.load(), ledgerOf('240.240.0.7'))
    })
  }

  it('goes on when a file can be neither read nor set aside', async (test) => {
    const folder = join(await temporaryFolder(test), 'occupied')
    await writeFile(folder, 'a file where the folder should be')
    const { store, health } = open(folder)
    assert.deepEqual(await store.load(), emptyLedger)
    assert.equal(health.items()[0]?.code, 'VIRTUAL_STATE_DAMAGED')
  })

  it('says when it cannot save, and tries again by itself', async (test) => {
    const folder = join(await temporaryFolder(test), 'occupied')
    await writeFile(folder, '')
    const { store, health, clock } = open(folder)
    await store.save(ledgerOf('240.240.0.7'))
    assert.equal(health.items()[0]?.code, 'VIRTUAL_STATE_UNSAVED')
    await rm(folder)
    clock.advance(10_000)
    await until(() => health.items().length === 0)
    assert.deepEqual(await open(folder).store.load(), ledgerOf('240.240.0.7'))
  })

  it('saves on the way down what it could not save before, and nothing else', async (test) => {
    const folder = join(await temporaryFolder(test), 'occupied')
    await writeFile(folder, '')
    const { store } = open(folder)
    await store.save(ledgerOf('240.240.0.7'))
    await rm(folder)
    await store.stop()
    const again = open(folder).store
    assert.deepEqual(await again.load(), ledgerOf('240.240.0.7'))
    const before = await stat(join(folder, file), { bigint: true })
    await again.stop()
    assert.deepEqual(await stat(join(folder, file), { bigint: true }), before)
  })
})

describe('readVirtualAddresses', () => {
  it('reads what another process saved, and leaves a damaged file where it is', async (test) => {
    const folder = await temporaryFolder(test)
    await open(folder).store.save(ledgerOf('240.240.0.7'))
    const read = await readVirtualAddresses(folder)
    assert.deepEqual(read, { kind: 'ledger', ledger: ledgerOf('240.240.0.7') })
    await mkdir(join(folder, 'bad'))
    await writeFile(join(folder, 'bad', file), 'x')
    assert.equal((await readVirtualAddresses(join(folder, 'bad'))).kind, 'damaged')
    assert.deepEqual(await readdir(join(folder, 'bad')), [file])
  })
})

function open(folder: string) {
  const clock = new FakeClock()
  const health = new Health()
  return {
    store: new VirtualAddressStore(folder, { clock, health, log: silentLog }),
    clock,
    health,
  }
}

function ledgerOf(v4: string): Ledger {
  return { held: new Map([[owner, { v4: parseIp(v4) }]]), resting: new Map() }
}
