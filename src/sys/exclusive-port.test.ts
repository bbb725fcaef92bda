import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { claimPort } from './exclusive-port.ts'
import { openMarkedSocket } from './marked-socket.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'

/** Whether a program that would share gets the port of a connected socket of ours. */
async function isShared(prepare: (fd: number) => void): Promise<boolean> {
  const fd = openMarkedSocket('udp', 4, 1)
  const ours = dgram.createSocket('udp4').bind({ fd })
  prepare(fd)
  ours.connect(9, '127.0.0.1')
  await once(ours, 'connect')
  const theirs = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  theirs.bind(ours.address().port, '127.0.0.1')
  const shared = await once(theirs, 'listening').then(
    () => true,
    () => false,
  )
  theirs.close()
  ours.close()
  return shared
}

describe('claimPort', { skip }, () => {
  it('keeps a port from programs that would share it', async () => {
    assert.equal(await isShared(claimPort), false)
  })

  it('is needed', async () => {
    assert.equal(await isShared(() => {}), true)
  })
})
