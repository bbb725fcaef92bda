import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { dropPrivilegesArgv } from './drop-privileges.ts'

const identity = { uid: 1337, gid: 1338, capabilities: ['net_admin'] }

describe('dropPrivilegesArgv', () => {
  it('keeps the command as it is, behind the options', () => {
    const argv = dropPrivilegesArgv(identity, ['node', '--version'])
    assert.equal(argv[0], 'setpriv')
    assert.deepEqual(argv.slice(argv.indexOf('--') + 1), ['node', '--version'])
  })

  it('leaves the user one capability and no way back', { skip: reasonToSkip() }, () => {
    const [command = '', ...rest] = dropPrivilegesArgv(identity, ['cat', '/proc/self/status'])
    const status = execFileSync(command, rest, { encoding: 'utf8' })
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(status)?.[1]
    assert.deepEqual(field('Uid')?.split('\t'), ['1337', '1337', '1337', '1337'])
    assert.deepEqual(field('Gid')?.split('\t'), ['1338', '1338', '1338', '1338'])
    assert.equal(field('Groups'), '')
    assert.equal(field('NoNewPrivs'), '1')
    for (const kind of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      assert.equal(BigInt(`0x${field(kind)}`), 1n << 12n, kind)
    }
  })
})

function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return 'NOT CHECKED: only root may become somebody else'
  const tried = spawnSync('setpriv', ['--bounding-set=-all', 'true'])
  return tried.status === 0 ? false : 'NOT CHECKED: setpriv is not to be had here'
}
