import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startIdentityRig } from '../testing/identity-rig.ts'
import { codesOf, startMachine } from '../testing/machine-rig.ts'
import { until } from '../testing/until.ts'
import { CaFolder } from './ca-folder.ts'
import { identityFile } from './identity-store.ts'
import { activateNextRoot, addNextRoot } from './rotate-root.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('the certificate of a machine', () => {
  it('is got by the token, and renewed by itself at half of its life, with another key', async (test) => {
    const machine = await startMachine(test)
    const { keeper, asked, rig } = machine
    const first = (await keeper.current()).tls.own
    assert.ok(first)
    assert.deepEqual(asked, ['token'])
    rig.clock.advance(10 * hourMs)
    assert.equal(asked.length, 1)
    rig.clock.advance(4 * hourMs)
    await until(() => machine.heard === 2)
    assert.deepEqual(asked, ['token', 'certificate'])
    const second = await keeper.current()
    assert.equal(second.token, undefined)
    assert.notEqual(second.tls.own?.key, first.key)
    assert.deepEqual(codesOf(rig), [])
  })

  it('renews at different times on different machines', async (test) => {
    const early = await startMachine(test, { random: () => 0 })
    const late = await startMachine(test, { random: () => 65_535 })
    for (const { keeper } of [early, late]) await keeper.current()
    for (const { rig } of [early, late]) rig.clock.advance(11 * hourMs)
    await until(() => early.heard === 2)
    assert.equal(late.asked.length, 1)
    late.rig.clock.advance(3 * hourMs)
    await until(() => late.heard === 2)
  })

  it('is renewed at once when the clock jumps by a day, by the token if that still counts', async (test) => {
    const machine = await startMachine(test, { tokenSeconds: 30 * 86_400 })
    await machine.keeper.current()
    machine.rig.clock.jump(dayMs)
    machine.rig.clock.advance(30_000)
    await until(() => machine.heard === 2)
    assert.deepEqual(machine.asked, ['token', 'token'])
    assert.ok((await machine.keeper.current()).tls.own)
  })

  it('is renewed by the certificate when the clock jumps to shortly before its end', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    machine.rig.clock.jump(23 * hourMs)
    machine.rig.clock.advance(30_000)
    await until(() => machine.heard === 2)
    assert.deepEqual(machine.asked, ['token', 'certificate'])
  })

  it('goes on while the controller is away, which is tried again and again, ever more rarely', async (test) => {
    const machine = await startMachine(test)
    const { keeper, asked, rig } = machine
    const before = await keeper.current()
    machine.reachable = false
    rig.clock.advance(13 * hourMs)
    await until(() => codesOf(rig).length > 0)
    assert.deepEqual(codesOf(rig), ['IDENTITY_CERTIFICATE_STALE'])
    const [item] = rig.ports.health.items()
    assert.match(item?.detail ?? '', /not reachable; it ends on 2026-01-02T00:00:00\.000Z/)
    assert.equal((await keeper.current()).tls.own?.chain, before.tls.own?.chain)

    const tries = asked.length
    for (let minute = 0; minute < 10; minute += 1) {
      const count = asked.length
      rig.clock.advance(61_000)
      await until(() => asked.length > count)
    }
    assert.ok(asked.length - tries <= 20, `${asked.length - tries} tries in ten minutes`)
    machine.reachable = true
    rig.clock.advance(61_000)
    await until(() => machine.heard === 2)
    assert.deepEqual(codesOf(rig), [])
  })

  it('says what to do when neither certificate nor token count any more, and takes a new token', async (test) => {
    const machine = await startMachine(test)
    const { keeper, rig } = machine
    await keeper.current()
    machine.reachable = false
    rig.clock.advance(2 * dayMs)
    machine.reachable = true
    rig.clock.advance(61_000)
    await until(() => codesOf(rig).includes('IDENTITY_CERTIFICATE_MISSING'))
    const [item] = rig.ports.health.items()
    await until(() => /certificate has expired/.test(rig.ports.health.items()[0]?.detail ?? ''))
    assert.match(item?.hint ?? '', /meshdns workload entry configure/)

    await machine.putToken()
    rig.clock.advance(61_000)
    await until(() => machine.heard === 2)
    assert.deepEqual(codesOf(rig), [])
    assert.ok((await keeper.current()).tls.own)
  })

  it('is asked for again when a controller that lost its CA does not believe it', async (test) => {
    const machine = await startMachine(test)
    const { keeper, rig, asked } = machine
    await keeper.current()
    machine.distrusted = true
    await machine.putToken()
    keeper.refused()
    keeper.refused()
    rig.clock.advance(10_000)
    await until(() => machine.heard === 2)
    assert.deepEqual(asked, ['token', 'token'])
  })

  it('is not thrown away for a wrong clock: without a token it is shown beyond its end', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    await machine.putToken('')
    machine.reachable = false
    machine.rig.clock.jump(3 * dayMs)
    const { tls, token } = await machine.keeper.current()
    assert.ok(tls.own)
    assert.equal(token, undefined)
  })
})

describe('a machine that starts again', () => {
  it('goes on with its certificate and asks for none', async (test) => {
    const machine = await startMachine(test)
    const before = await machine.keeper.current()
    const again = await machine.restart()
    await machine.putToken('')
    assert.deepEqual(await again.current(), before)
    assert.deepEqual(machine.asked, ['token'])
    const { mode } = await stat(identityFile(machine.folder))
    assert.equal(mode & 0o777, 0o600)
  })

  it('uses its token with the same key, though it never heard the answer', async (test) => {
    const machine = await startMachine(test, { loseFirstAnswer: true })
    await machine.keeper.current()
    const again = await machine.restart()
    assert.ok((await again.current()).tls.own)
    assert.deepEqual(machine.asked, ['token', 'token'])
  })

  it('becomes whom its new token is for, when it was set up anew', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    await machine.putToken(undefined, 'shop')
    const again = await machine.restart()
    const { chain = '' } = (await again.current()).tls.own ?? {}
    assert.equal(
      new X509Certificate(chain).subjectAltName,
      'URI:spiffe://cluster.local/ns/vms/sa/shop',
    )
    assert.deepEqual(machine.asked, ['token', 'token'])
  })

  it('stays who it is when a token for somebody else has expired', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    await machine.putToken(undefined, 'shop')
    machine.rig.clock.advance(2 * hourMs)
    const again = await machine.restart()
    const { chain = '' } = (await again.current()).tls.own ?? {}
    assert.equal(
      new X509Certificate(chain).subjectAltName,
      'URI:spiffe://cluster.local/ns/vms/sa/web',
    )
    assert.deepEqual(machine.asked, ['token', 'token', 'certificate'])
  })

  it('begins anew when what it saved is damaged', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    await writeFile(identityFile(machine.folder), '{"key":')
    await machine.putToken()
    const again = await machine.restart()
    assert.ok((await again.current()).tls.own)
  })

  it('refuses what others may have read', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    await chmod(identityFile(machine.folder), 0o644)
    await assert.rejects(machine.restart(), { code: 'IDENTITY_SECRET_EXPOSED' })
  })

  it('begins with a certificate that it was provided with, and needs no token', async (test) => {
    const first = await startMachine(test, { outputs: true })
    await first.keeper.current()
    const { folder } = first
    for (const name of ['key.pem', 'cert-chain.pem', 'root-cert.pem']) {
      assert.equal((await stat(join(folder, 'out', name))).mode & 0o777, 0o600)
    }
    const key = await readFile(join(folder, 'out/key.pem'), 'utf8')
    const second = await startMachine(test, { provisionedFolder: join(folder, 'out') })
    assert.equal((await second.keeper.current()).tls.own?.key, key)
    assert.deepEqual(second.asked, [])
  })
})

describe('the roots of a machine', () => {
  it('come with each certificate, so that a root can be rotated under it', async (test) => {
    const machine = await startMachine(test)
    const { keeper, rig } = machine
    const before = await keeper.current()
    await addNextRoot(new CaFolder(rig.folder), rig.clock.wall())
    await rig.ca.refresh()
    rig.clock.advance(14 * hourMs)
    await until(() => machine.heard === 2)
    const both = await keeper.current()
    assert.equal(both.tls.roots, rig.ca.roots())
    assert.ok(both.tls.roots.startsWith(before.tls.roots))

    await activateNextRoot(new CaFolder(rig.folder))
    await rig.ca.refresh()
    rig.clock.advance(14 * hourMs)
    await until(() => machine.heard === 3)
    const { chain = '' } = (await keeper.current()).tls.own ?? {}
    const [signing] = rig.ca.roots().split(/(?<=END CERTIFICATE-----\n)/)
    assert.ok(new X509Certificate(chain).verify(new X509Certificate(signing ?? '').publicKey))
    // A restart believes what came, not the older file.
    assert.equal((await (await machine.restart()).current()).tls.roots, rig.ca.roots())
  })

  it('are those of the file again once somebody changes it', async (test) => {
    const machine = await startMachine(test)
    await machine.keeper.current()
    const other = await startIdentityRig(test)
    await writeFile(machine.rootsFile, other.ca.roots())
    assert.equal((await machine.keeper.current()).tls.roots, other.ca.roots())
  })

  it('are missed with an error that says what to do', async (test) => {
    const machine = await startMachine(test, { rootsFile: 'missing.pem' })
    await assert.rejects(machine.keeper.current(), {
      code: 'IDENTITY_ROOTS_MISSING',
      hint: /root-cert\.pem/,
    })
    await until(() => codesOf(machine.rig).includes('IDENTITY_CERTIFICATE_MISSING'))
  })
})

describe('what a machine says', () => {
  it('holds neither its token nor its keys', async (test) => {
    const machine = await startMachine(test)
    const { keeper, rig } = machine
    await keeper.current()
    machine.reachable = false
    rig.clock.advance(13 * hourMs)
    await until(() => codesOf(rig).length > 0)
    const said = JSON.stringify([machine.lines, rig.ports.health.items()])
    const saved = JSON.parse(await readFile(identityFile(machine.folder), 'utf8')) as {
      readonly key: string
      readonly tokenKey: string
    }
    for (const secret of [machine.token, saved.key, saved.tokenKey]) {
      for (const part of secret.split(/[\n.]/).filter(({ length }) => length > 20)) {
        if (!/PRIVATE KEY/.test(part)) assert.ok(!said.includes(part))
      }
    }
    assert.match(said, /got a certificate/)
  })
})
