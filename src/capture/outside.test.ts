import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it } from 'node:test'
import { parseSocketAddress, socketAddressOf, socketOctetsOf } from '../ip/socket-address.ts'
import { Conntrack } from '../sys/conntrack.ts'
import { takeFd } from '../sys/take-fd.ts'
import type { Question } from './asker.case.ts'

const env = { PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin' }
const program = join(import.meta.dirname, 'asker.case.ts')

it('an agent outside of a namespace learns where its questions were going', {
  skip: reasonToSkip(),
  timeout: 60_000,
}, async () => {
  const argv = ['-Urn', '--kill-child', process.execPath, program]
  const asker = spawn('unshare', argv, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(asker.stdout, 'data')) as [Buffer]
  const { pid, conntrackFd, client } = JSON.parse(line.toString()) as Question
  const fd = takeFd(pid, conntrackFd)
  assert.ok(fd !== undefined)
  const conntrack = Conntrack.adopt(fd)
  const found = conntrack.udpOriginalDestination(
    socketOctetsOf(parseSocketAddress(client)),
    socketOctetsOf(parseSocketAddress('127.0.0.1:15053')),
  )
  conntrack.close()
  // The program under it goes with it; SIGTERM it would ignore.
  asker.kill('SIGKILL')
  await once(asker, 'exit')
  assert.deepEqual(found && socketAddressOf(found), parseSocketAddress('203.0.113.53:53'))
})

function reasonToSkip(): string | false {
  const tried = spawnSync('unshare', ['-Urn', 'sh', '-c', 'nft list ruleset && ip link'], { env })
  return tried.status === 0 ? false : 'NOT CHECKED: nft, ip or namespaces are not to be had here'
}
