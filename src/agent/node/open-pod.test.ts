import assert from 'node:assert/strict'
import { openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { AgentOptions } from '../options.ts'
import { noKeeper } from '../socket-store/socket-keeper.ts'
import { openPod, reopenPods } from './open-pod.ts'
import { plainPod as pod } from './plain-pod.case.ts'
import { namespaceAt } from './pod-namespace.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'
const options = AgentOptions.parse({})
const networkAt = (path: string) => ({ path, resolvConf: { root: '/', path } })

describe('openPod', { skip }, () => {
  const networks = (isOf: boolean) => ({ isOf: async () => isOf })

  for (const [whose, path, isOf] of [
    ['of nobody', '/proc/meshdns/ns/net', true],
    ['of ours', '/proc/self/ns/net', true],
    ['of somebody else', '/proc/self/status', false],
  ] as const) {
    it(`does not take the network ${whose}`, async () => {
      const before = readdirSync('/proc/self/fd').length
      const opened = await openPod({ pod, network: networkAt(path) }, options, networks(isOf))
      assert.equal(opened, undefined)
      assert.equal(readdirSync('/proc/self/fd').length, before)
    })
  }

  it('leaves nothing open of one that cannot be entered', async (test) => {
    const path = join(await temporaryFolder(test), 'net')
    writeFileSync(path, '')
    const before = readdirSync('/proc/self/fd').length
    const opening = openPod({ pod, network: networkAt(path) }, options, networks(true))
    await assert.rejects(opening, { code: 'SYS_NAMESPACE_DENIED' })
    assert.equal(readdirSync('/proc/self/fd').length, before)
  })
})

describe('reopenPods', { skip }, () => {
  const sockets = [{ role: 'udp', where: '127.0.0.1:53' }]
  const wanted = [options.listen, ...options.relay.listen].join(' ')

  for (const [what, said] of [
    ['opened for other addresses', { wanted: 'others' }],
    ['with an address that is none', { sockets: [{ role: 'udp', where: 'nowhere' }] }],
    ['with more sockets than came', { sockets: [...sockets, ...sockets] }],
    ['with what a later agent says', { later: true }],
  ] as const) {
    it(`gives back what was kept ${what}`, async () => {
      const before = readdirSync('/proc/self/fd').length
      const fds = ['status', 'stat', 'maps'].map((name) => openSync(`/proc/self/${name}`, 'r'))
      const namespaceId = namespaceAt(`/proc/self/fd/${fds[1]}`)
      const served = { pod, network: networkAt('/proc/self/stat'), namespaceId }
      const note = JSON.stringify({ served, wanted, sockets, ...said })
      const dropped: string[] = []
      const keeper = {
        ...noKeeper,
        take: async () => [{ key: 'uid', note, fds }],
        drop: async (key: string) => void dropped.push(key),
      }
      const ports = { keeper, log: silentLog, networks: { isOf: async () => true } }
      assert.deepEqual(await reopenPods([], options, ports), [])
      assert.deepEqual(dropped, ['uid'])
      assert.equal(readdirSync('/proc/self/fd').length, before)
    })
  }

  it('has one that could not be opened be tried again', async (test) => {
    const path = join(await temporaryFolder(test), 'net')
    writeFileSync(path, '')
    const served = { pod, network: networkAt(path), namespaceId: namespaceAt(path) ?? '' }
    const ports = { keeper: noKeeper, log: silentLog, networks: { isOf: async () => true } }
    const want = [{ pod, before: served }]
    assert.deepEqual(await reopenPods([served], options, ports), want)
  })
})
