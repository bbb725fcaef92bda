import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ProcessPodNetworks } from './process-pod-networks.ts'

const uid = '0f5c2a3e-1111-4222-8333-944444444444'
const other = '0f5c2a3e-5555-4222-8333-944444444444'
const systemd = uid.replaceAll('-', '_')

describe('ProcessPodNetworks', () => {
  it('finds the oldest process of a pod, however control groups are named', async (test) => {
    const folder = await temporaryFolder(test)
    const add = (pid: number, cgroup: string, start: number) => {
      mkdirSync(join(folder, String(pid)))
      writeFileSync(join(folder, String(pid), 'cgroup'), `0::${cgroup}\n`)
      const fields = ['S', ...Array.from({ length: 18 }, () => '1'), start, 0]
      writeFileSync(join(folder, String(pid), 'stat'), `${pid} (a ) b) ${fields.join(' ')}\n`)
    }
    add(7, '/system.slice/kubelet.service', 1)
    add(30, `/../kubepods.slice/kubepods-pod${systemd}.slice/cri-containerd-ab.scope`, 500)
    add(900, `/kubepods.slice/kubepods-burstable-pod${systemd}.slice/cri-containerd-cd.scope`, 400)
    add(40, `/kubepods/besteffort/pod${other}/ef`, 600)
    mkdirSync(join(folder, '50'))
    const networks = new ProcessPodNetworks(folder, new FakeClock())
    assert.deepEqual(await networks.find({ uid }), {
      path: join(folder, '900/ns/net'),
      resolvConf: join(folder, '900/root/etc/resolv.conf'),
    })
    assert.equal((await networks.find({ uid: other }))?.path, join(folder, '40/ns/net'))
    assert.equal(await networks.find({ uid: 'unknown' }), undefined)
  })
})
