import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { DescriptorPost, maxParcelFds } from './descriptor-post.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'

async function open(test: TestContext) {
  const folder = await temporaryFolder(test)
  const path = join(folder, 'to.sock')
  const [from, to] = [DescriptorPost.open(join(folder, 'from.sock')), DescriptorPost.open(path)]
  test.after(() => {
    from.close()
    to.close()
  })
  return { from, to, path }
}

describe('DescriptorPost', { skip }, () => {
  it('carries copies, which are there when sending returns', async (test) => {
    const { from, to, path } = await open(test)
    const fd = openSync('/proc/self/status', 'r')
    assert.ok(from.send(path, { label: 'pod 1', fds: [fd, fd] }))
    const { label, fds } = to.receive() ?? assert.fail('nothing came')
    assert.equal(label, 'pod 1')
    assert.deepEqual(fds.map(inode), [fd, fd].map(inode))
    assert.equal(new Set([fd, ...fds]).size, 3)
    for (const one of [fd, ...fds]) closeSync(one)
    assert.equal(to.receive(), undefined)
  })

  it('carries as many as fit, and no more', async (test) => {
    const { from, to, path } = await open(test)
    const fd = openSync('/proc/self/status', 'r')
    const send = (count: number) => from.send(path, { label: '', fds: Array(count).fill(fd) })
    assert.ok(send(maxParcelFds))
    const fds = to.receive()?.fds ?? []
    assert.equal(fds.length, maxParcelFds)
    for (const one of [fd, ...fds]) closeSync(one)
    assert.equal(send(maxParcelFds + 1), false)
  })

  it('throws away what does not fit, with its descriptors', async (test) => {
    const { from, to, path } = await open(test)
    const fd = openSync('/proc/self/status', 'r')
    const before = readdirSync('/proc/self/fd').length
    assert.ok(from.send(path, { label: 'x'.repeat(300), fds: [fd] }))
    assert.ok(from.send(path, { label: 'short', fds: [] }))
    assert.deepEqual(to.receive(), { label: 'short', fds: [] })
    assert.equal(readdirSync('/proc/self/fd').length, before)
    closeSync(fd)
  })

  it('says when nobody is there, and when too much waits', async (test) => {
    const { from, path } = await open(test)
    assert.equal(from.send(`${path}.gone`, { label: '', fds: [] }), false)
    const sent = Array.from({ length: 1_000 }, () => from.send(path, { label: '', fds: [] }))
    assert.equal(sent.at(-1), false)
  })

  it('refuses a place that is none', () => {
    assert.throws(() => DescriptorPost.open('/nowhere/a.sock'), { code: 'SYS_DESCRIPTOR_POST' })
    assert.throws(() => DescriptorPost.open(`/tmp/${'x'.repeat(100)}`), /too long/)
  })
})

function inode(fd: number): number {
  return fstatSync(fd).ino
}
