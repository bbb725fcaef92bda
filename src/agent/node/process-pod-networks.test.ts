import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ProcessPodNetworks } from './process-pod-networks.ts'

const uid = '0f5c2a3e-1111-4222-8333-944444444444'
const other = '0f5c2a3e-5555-4222-8333-944444444444'
const fixed = '0f5c2a3e111142228333944444444444'
const written = uid.replaceAll('-', '_')
const slice = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${written}.slice`
const container = '5d1cba8a97f1'.repeat(5)

interface Case {
  readonly name: string
  /** Of the process, as proc_pid_cgroup(5) has it. */
  readonly cgroup: string
  readonly want: string | undefined
}

const cases: readonly Case[] = [
  {
    name: 'containerd, groups by systemd',
    cgroup: `0::/${slice}/cri-containerd-${container}.scope\n`,
    want: uid,
  },
  { name: 'CRI-O', cgroup: `0::/${slice}/crio-${container}.scope\n`, want: uid },
  {
    name: 'CRI-O, in a group of its own',
    cgroup: `0::/${slice}/crio-x.scope/container\n`,
    want: uid,
  },
  {
    name: 'a pod of class Guaranteed',
    cgroup: `0::/kubepods.slice/kubepods-pod${written}.slice/cri-containerd-${container}.scope\n`,
    want: uid,
  },
  {
    name: 'groups by the kubelet',
    cgroup: `0::/kubepods/besteffort/pod${uid}/${container}\n`,
    want: uid,
  },
  { name: 'the group of the pod itself', cgroup: `0::/kubepods/pod${uid}\n`, want: uid },
  { name: 'the slice of the pod itself', cgroup: `0::/${slice}\n`, want: uid },
  {
    name: 'a static pod',
    cgroup: `0::/kubepods/burstable/pod${fixed}/${container}\n`,
    want: fixed,
  },
  {
    name: 'a static pod, by systemd',
    cgroup: `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${fixed}.slice/crio-a.scope\n`,
    want: fixed,
  },
  {
    name: 'seen from a cgroup namespace beside it',
    cgroup: `0::/../../kubepods-burstable-pod${written}.slice/cri-containerd-${container}.scope\n`,
    want: uid,
  },
  {
    name: 'seen from a cgroup namespace beside it, groups by the kubelet',
    cgroup: `0::/../../pod${uid}/${container}\n`,
    want: uid,
  },
  {
    name: 'seen from a cgroup namespace of another class',
    cgroup: `0::/../../../kubepods-besteffort.slice/kubepods-besteffort-pod${written}.slice/crio-a.scope\n`,
    want: uid,
  },
  {
    name: 'version 1',
    cgroup: `12:cpuset:/kubepods/besteffort/pod${uid}/${container}\n11:name=systemd:/kubepods/besteffort/pod${uid}/${container}\n0::/\n`,
    want: uid,
  },
  {
    name: 'version 1, where one hierarchy is not used',
    cgroup: `12:rdma:/\n11:memory:/${slice}/cri-containerd-a.scope\n0::/system.slice/containerd.service\n`,
    want: uid,
  },
  {
    name: 'version 1, containerd with its own parent',
    cgroup: `4:memory:/system.slice/containerd.service/kubepods-burstable-pod${written}.slice:cri-containerd:${container}\n`,
    want: uid,
  },
  {
    name: 'a node that is a container itself (kind)',
    cgroup: `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${written}.slice/cri-containerd-a.scope\n`,
    want: uid,
  },
  {
    name: 'a group that the pod made, named as that of another',
    cgroup: `0::/${slice}/cri-containerd-a.scope/kubepods/pod${other}/x\n`,
    want: uid,
  },
  { name: 'a service of the node', cgroup: '0::/system.slice/kubelet.service\n', want: undefined },
  { name: 'a kernel thread', cgroup: '0::/\n', want: undefined },
  {
    name: 'a longer name',
    cgroup: `0::/kubepods/pod${uid}0/${container}\n`,
    want: undefined,
  },
  {
    name: 'a pod of podman',
    cgroup: `0::/machine.slice/libpod_pod_${fixed}.slice/a\n`,
    want: undefined,
  },
]

interface FakeProcess {
  readonly pid: number
  readonly cgroup: string
  readonly start?: number
  /** What its namespace and root are. */
  readonly network?: string
  readonly root?: string
}

class FakeProc {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.add({ pid: 1, cgroup: '0::/init.scope\n', start: 0, network: 'node', root: 'node' })
  }

  add({
    pid,
    cgroup,
    start = 400,
    network = `net-${pid}`,
    root = `root-${pid}`,
  }: FakeProcess): this {
    const at = (...names: string[]) => join(this.folder, String(pid), ...names)
    mkdirSync(at('ns'), { recursive: true })
    writeFileSync(at('cgroup'), cgroup)
    const fields = ['S', ...Array.from({ length: 18 }, () => '1'), start, 0]
    writeFileSync(at('stat'), `${pid} (a ) b) ${fields.join(' ')}\n`)
    for (const [link, to] of [
      [at('ns/net'), network],
      [at('root'), root],
    ] as const) {
      const place = join(this.folder, to)
      writeFileSync(place, '')
      symlinkSync(place, link)
    }
    return this
  }

  remove(pid: number): void {
    rmSync(join(this.folder, String(pid)), { recursive: true })
  }

  pathOf(pid: number): string {
    return join(this.folder, String(pid), 'ns/net')
  }
}

async function start(test: TestContext) {
  const proc = new FakeProc(await temporaryFolder(test))
  const clock = new FakeClock()
  return { proc, clock, networks: new ProcessPodNetworks(proc.folder, clock) }
}

describe('ProcessPodNetworks', () => {
  for (const { name, cgroup, want } of cases) {
    it(`finds ${want === undefined ? 'no pod' : 'the pod'} for ${name}`, async (test) => {
      const { proc, networks } = await start(test)
      proc.add({ pid: 30, cgroup })
      const found = await Promise.all(
        [uid, other, fixed].map(async (each) => ((await networks.find({ uid: each })) ? each : [])),
      )
      assert.deepEqual(found.flat(), want === undefined ? [] : [want])
    })
  }

  it('takes the oldest process, and the files that it sees', async (test) => {
    const { proc, networks } = await start(test)
    const cgroup = `0::/${slice}/cri-containerd-a.scope\n`
    proc.add({ pid: 30, cgroup, start: 500 }).add({ pid: 900, cgroup, start: 400 })
    mkdirSync(join(proc.folder, '50'))
    assert.deepEqual(await networks.find({ uid }), {
      path: proc.pathOf(900),
      resolvConf: { root: join(proc.folder, '900/root'), path: '/etc/resolv.conf' },
    })
    assert.equal(await networks.find({ uid: 'unknown' }), undefined)
  })

  it('passes over processes in the groups of a pod that are the node’s', async (test) => {
    const { proc, clock, networks } = await start(test)
    const watcher = `0::/${slice}/crio-conmon-a.scope\n`
    const cgroup = `0::/${slice}/crio-a.scope\n`
    proc.add({ pid: 20, cgroup: watcher, start: 100, network: 'node', root: 'node' })
    proc.add({ pid: 21, cgroup, start: 200, root: 'node' })
    proc.add({ pid: 23, cgroup, start: 250, network: 'node' })
    assert.equal(await networks.find({ uid }), undefined)
    proc.add({ pid: 22, cgroup, start: 300 })
    clock.advance(200)
    assert.equal((await networks.find({ uid }))?.path, proc.pathOf(22))
  })

  it('looks again after some time, and finds the process that is left', async (test) => {
    const { proc, clock, networks } = await start(test)
    const cgroup = `0::/kubepods/pod${uid}/a\n`
    proc.add({ pid: 30, cgroup, start: 1 }).add({ pid: 31, cgroup, start: 2 })
    assert.equal((await networks.find({ uid }))?.path, proc.pathOf(30))
    proc.remove(30)
    assert.equal((await networks.find({ uid }))?.path, proc.pathOf(30))
    clock.advance(200)
    assert.equal((await networks.find({ uid }))?.path, proc.pathOf(31))
  })

  it('notices that another pod has the process of one that is gone', async (test) => {
    const { proc, networks } = await start(test)
    proc.add({ pid: 30, cgroup: `0::/kubepods/pod${uid}/a\n` })
    const network = (await networks.find({ uid })) ?? assert.fail()
    assert.equal(await networks.isOf({ uid }, network), true)
    proc.remove(30)
    assert.equal(await networks.isOf({ uid }, network), false)
    proc.add({ pid: 30, cgroup: `0::/kubepods/pod${other}/a\n` })
    assert.equal(await networks.isOf({ uid }, network), false)
  })

  it('says what it needs where the networks of processes cannot be seen', async (test) => {
    const { proc, networks } = await start(test)
    proc.remove(1)
    await assert.rejects(networks.find({ uid }), { code: 'SYS_NAMESPACE_DENIED', hint: /PTRACE/ })
  })

  for (const { name, first, want } of [
    { name: 'sees the processes of a node from a pod', first: 'node', want: false },
    { name: 'sees none where process 1 is of its own container', first: 'container', want: true },
  ]) {
    it(name, async (test) => {
      const { proc, networks } = await start(test)
      for (const [of, mounts] of [
        ['1', first],
        ['self', 'container'],
      ] as const) {
        const place = join(proc.folder, `mounts-${mounts}`)
        writeFileSync(place, '')
        mkdirSync(join(proc.folder, of, 'ns'), { recursive: true })
        symlinkSync(place, join(proc.folder, of, 'ns/mnt'))
      }
      assert.equal(networks.isBlind, want)
    })
  }

  it('spends no more than a tenth of the time with looking', async (test) => {
    const { proc } = await start(test)
    const times = [0, 1_000]
    const clock = { now: () => times.shift() ?? now }
    let now = 1_000
    const networks = new ProcessPodNetworks(proc.folder, clock)
    assert.equal(await networks.find({ uid }), undefined)
    proc.add({ pid: 30, cgroup: `0::/kubepods/pod${uid}/a\n` })
    now = 10_999
    assert.equal(await networks.find({ uid }), undefined)
    now = 11_000
    assert.equal((await networks.find({ uid }))?.path, proc.pathOf(30))
  })
})
