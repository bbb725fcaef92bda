import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../../testing/temporary-folder.ts'
import { readUnitCommand } from './unit-command.ts'

describe('readUnitCommand', () => {
  it('takes the last command of a unit and its drop-ins, and the environment of all', async (test) => {
    const root = await temporaryFolder(test)
    const units = join(root, 'etc/systemd/system')
    mkdirSync(join(units, 'one.service.d'), { recursive: true })
    writeFileSync(join(root, 'etc/one.env'), "B='from the file'\nC=3\n")
    writeFileSync(
      join(units, 'one.service'),
      '[Service]\nExecStart=/bin/one --first\nEnvironment=A=1\nEnvironment=B=2\n',
    )
    writeFileSync(
      join(units, 'one.service.d/more.conf'),
      '[Service]\nEnvironmentFile=-/etc/absent.env\nEnvironmentFile=/etc/one.env\nExecStart=\nExecStart=/bin/one --second\n',
    )
    const { argv, env } = readUnitCommand(root, 'one.service')
    assert.deepEqual(argv, ['/bin/one', '--second'])
    assert.deepEqual({ ...env }, { A: '1', B: 'from the file', C: '3' })
  })
})
