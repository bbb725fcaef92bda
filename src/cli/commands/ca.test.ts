import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { CaFolder } from '../../identity/ca-folder.ts'
import { ensureOwnRoot } from '../../identity/own-root.ts'
import { meshdns } from '../../testing/command-line.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'

interface Shown {
  readonly roots: readonly { readonly role: string; readonly fingerprint: string }[]
}

describe('meshdns ca', () => {
  it('rotates a root step by step, and says what comes next', async (test) => {
    const state = await temporaryFolder(test)
    const folder = join(state, 'ca')
    await ensureOwnRoot(new CaFolder(folder), 'cluster.local', systemClock.wall())
    const ca = (...words: readonly string[]) => meshdns('ca', ...words, '--state-folder', state)
    const show = () => (JSON.parse(ca('show', '-o', 'json').stdout) as Shown).roots

    const [first] = show()
    assert.equal(first?.role, 'signs')
    const early = ca('root', 'activate')
    assert.equal(early.status, 1)
    assert.match(early.stderr, /error\[IDENTITY_ROTATION_OUT_OF_TURN\]: .*no next root was added/)

    assert.match(ca('root', 'add').stdout, /meshdns ca root activate/)
    assert.deepEqual(
      show().map(({ role }) => role),
      ['signs', 'next'],
    )
    assert.match(ca('root', 'activate').stdout, /meshdns ca root retire/)
    assert.deepEqual(
      show().map(({ role }) => role),
      ['trusted', 'signs'],
    )
    assert.match(ca('root', 'retire').stderr, /may count until/)
    assert.equal(ca('root', 'retire', '--longest-certificate', '0').status, 0)
    const [last, ...more] = show()
    assert.equal(last?.role, 'signs')
    assert.notEqual(last?.fingerprint, first.fingerprint)
    assert.deepEqual(more, [])
  })

  it('shows no key', async (test) => {
    const folder = join(await temporaryFolder(test), 'ca')
    await ensureOwnRoot(new CaFolder(folder), 'cluster.local', systemClock.wall())
    const { stdout } = meshdns('ca', 'show', '--ca-folder', folder)
    assert.match(stdout, /O=cluster\.local, CN=Root CA [0-9a-f]{8} signs, until \d{4}-/)
    const [, secret = 'none'] = (await readFile(join(folder, 'ca-key.pem'), 'utf8')).split('\n')
    assert.ok(!stdout.includes(secret))
  })

  it('means the namespace of a control plane by -n as by -i', () => {
    for (const word of ['-n', '-i']) {
      const { status, stderr } = meshdns('ca', 'show', word, 'mesh', '--state-folder', 'state')
      assert.equal(status, 2)
      assert.match(stderr, /--state-folder is about this machine, and --\w+ about a cluster/)
    }
    const both = meshdns('ca', 'show', '-n', 'mesh', '-i', 'other', '--target', 'cluster')
    assert.equal(both.status, 2)
    assert.match(both.stderr, /--istioNamespace other and --namespace mesh mean the same/)
  })

  it('refuses a lifetime that is no number', () => {
    const { status, stderr } = meshdns('ca', 'root', 'retire', '--longest-certificate', 'day')
    assert.equal(status, 2)
    assert.match(stderr, /day is no number of seconds/)
  })
})
