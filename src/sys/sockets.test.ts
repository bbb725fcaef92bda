import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { closeSync, fstatSync } from 'node:fs'
import net from 'node:net'
import { describe, it } from 'node:test'
import { Conntrack } from './conntrack.ts'
import { fdOf } from './fd-of.ts'
import { libc, load } from './libc.ts'
import { originalDestination } from './original-destination.ts'
import { setSocketMark } from './socket-mark.ts'
import { takeFd } from './take-fd.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'

function inodeOf(fd: number | undefined): number {
  assert.ok(fd !== undefined)
  return fstatSync(fd).ino
}

describe('libc', () => {
  it('is loaded once', { skip }, () => assert.equal(libc(), libc()))

  it('says clearly where it is not to be had', () => {
    assert.throws(() => load('darwin'), {
      code: 'SYS_UNSUPPORTED',
      message: /not to be had on darwin/,
    })
  })
})

describe('fdOf', { skip }, () => {
  it('finds the socket of a UDP socket, until it is closed, without a warning', async () => {
    const warnings: unknown[] = []
    process.on('warning', (warning) => warnings.push(warning))
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    assert.ok(fstatSync(fdOf(socket) ?? -1).isSocket())
    socket.close()
    assert.equal(fdOf(socket), undefined)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(warnings, [])
  })

  it('finds those of a server and of both ends of a connection', async () => {
    const server = net.createServer()
    assert.equal(fdOf(server), undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
    const [accepted] = (await once(server, 'connection')) as [net.Socket]
    const inodes = [server, client, accepted].map((socket) => inodeOf(fdOf(socket)))
    assert.equal(new Set(inodes).size, 3)
    client.destroy()
    accepted.destroy()
    await once(accepted, 'close')
    assert.equal(fdOf(accepted), undefined)
    server.close()
  })
})

describe('calls about a descriptor that is none', { skip }, () => {
  it('have no answer', () => {
    assert.equal(originalDestination(-1, 4), undefined)
    assert.equal(originalDestination(-1, 6), undefined)
    assert.equal(setSocketMark(-1, 1), false)
    assert.equal(takeFd(process.pid, -1), undefined)
  })
})

describe('takeFd', { skip }, () => {
  it('copies the socket of a process', async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const fd = fdOf(socket) ?? -1
    const copy = takeFd(process.pid, fd)
    assert.notEqual(copy, fd)
    assert.equal(inodeOf(copy), inodeOf(fd))
    closeSync(copy ?? -1)
    socket.close()
  })
})

describe('Conntrack', { skip }, () => {
  const client = { octets: Uint8Array.of(127, 0, 0, 1), port: 9 }
  const agent = { octets: Uint8Array.of(127, 0, 0, 1), port: 15053 }

  it('has no answer for what it never saw, for unlike families, and once closed', () => {
    const conntrack = Conntrack.open()
    assert.ok(conntrack)
    assert.equal(conntrack.udpOriginalDestination(client, agent), undefined)
    const other = { octets: new Uint8Array(16), port: 15053 }
    assert.equal(conntrack.udpOriginalDestination(client, other), undefined)
    conntrack.close()
    conntrack.close()
    assert.equal(conntrack.udpOriginalDestination(client, agent), undefined)
  })

  it('has no answer when the descriptor is of another kind', () => {
    const conntrack = Conntrack.adopt(-1)
    assert.equal(conntrack.udpOriginalDestination(client, agent), undefined)
  })
})
