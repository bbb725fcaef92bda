import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { prepareStateFolder, StateOwnerError } from './prepare-state-folder.ts'

const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const other = { uid: own.uid + 1_337, gid: own.gid + 1_337 }

describe('prepareStateFolder', () => {
  it('makes a folder for the user alone, below folders for all', async (t) => {
    const top = await temporaryFolder(t)
    const folder = join(top, 'var', 'meshdns')
    await prepareStateFolder(folder, own)
    assert.equal(statSync(folder).mode & 0o777, 0o750)
    assert.equal(statSync(join(top, 'var')).mode & 0o555, 0o555)
  })

  it('takes a folder that is there and the user’s, with its record', async (t) => {
    const folder = await temporaryFolder(t)
    writeFileSync(join(folder, 'virtual-addresses.json'), '{}')
    await prepareStateFolder(folder, own)
  })

  it('takes a folder of somebody else that all may write', async (t) => {
    const folder = await temporaryFolder(t)
    chmodSync(folder, 0o777)
    await prepareStateFolder(folder, other)
  })

  it('refuses a folder of somebody else, with the way out', async (t) => {
    const folder = join(await temporaryFolder(t), 'state')
    mkdirSync(folder, { mode: 0o755 })
    await assert.rejects(
      () => prepareStateFolder(folder, other),
      (error) => {
        assert.ok(error instanceof StateOwnerError)
        const [from, to] = [own.uid, other.uid]
        assert.equal(
          error.message,
          `${folder} belongs to user ${from}, and the agent is to run as user ${to}`,
        )
        assert.match(error.hint ?? '', new RegExp(`chown -R ${to}:${other.gid} `))
        return true
      },
    )
  })

  it('refuses a record of somebody else in a folder that all may write', async (t) => {
    const folder = await temporaryFolder(t)
    chmodSync(folder, 0o777)
    writeFileSync(join(folder, 'virtual-addresses.json'), '{}', { mode: 0o600 })
    await assert.rejects(() => prepareStateFolder(folder, other), { code: 'CLI_STATE_OWNER' })
  })
})
