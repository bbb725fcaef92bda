import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sideDoors } from './side-doors.ts'

it('finds the sockets of host resolvers, and leaves files beside them alone', () => {
  const folders = new Map([
    [
      '/run/systemd/resolve',
      ['io.systemd.Resolve', 'io.systemd.Resolve.Monitor', 'stub-resolv.conf'],
    ],
    ['/run/nscd', ['socket', 'nscd.pid']],
  ])
  assert.deepEqual(
    sideDoors((folder) => folders.get(folder) ?? []),
    [
      '/run/systemd/resolve/io.systemd.Resolve',
      '/run/systemd/resolve/io.systemd.Resolve.Monitor',
      '/run/nscd/socket',
    ],
  )
})
