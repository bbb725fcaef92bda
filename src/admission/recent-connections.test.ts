import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { RecentConnections } from './recent-connections.ts'

class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort: number
  destroyed = false

  constructor(remotePort: number) {
    super()
    this.remotePort = remotePort
  }

  destroy(): void {
    this.destroyed = true
  }
}

describe('recent connections', () => {
  it('count one of a port that is used again, whenever the first is seen to close', () => {
    const connections = new RecentConnections(2)
    const [first, again, other] = [new FakeSocket(1), new FakeSocket(1), new FakeSocket(2)]
    for (const socket of [first, again]) connections.add(socket as unknown as Socket)
    first.emit('close')
    for (const socket of [other, new FakeSocket(3)]) connections.add(socket as unknown as Socket)
    assert.deepEqual([again.destroyed, other.destroyed], [true, false])
  })
})
