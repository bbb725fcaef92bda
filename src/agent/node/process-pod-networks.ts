import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { NodePod } from './node-pod.ts'
import type { PodNetwork, PodNetworks } from './pod-networks.ts'

/** A look at all processes serves everybody who asks within this time. */
const lookLastsMs = 200

/**
 * Networks of pods by the processes of the node: the name of a control group that the kubelet makes holds the uid of its
 * pod. Works with every container runtime, and needs no file of it.
 */
export class ProcessPodNetworks implements PodNetworks {
  readonly #folder: string
  readonly #clock: Pick<Clock, 'now'>
  #look: { readonly atMs: number; readonly found: Promise<ReadonlyMap<string, string>> } | undefined

  /** `folder` is a proc(5) of the node. */
  constructor(folder: string, clock: Pick<Clock, 'now'>) {
    this.#folder = folder
    this.#clock = clock
  }

  async find({ uid }: Pick<NodePod, 'uid'>): Promise<PodNetwork | undefined> {
    const atMs = this.#clock.now()
    if (!this.#look || atMs - this.#look.atMs >= lookLastsMs) {
      this.#look = { atMs, found: this.#lookAround() }
    }
    const pid = (await this.#look.found).get(uid)
    if (pid === undefined) return undefined
    const folder = join(this.#folder, pid)
    return { path: join(folder, 'ns/net'), resolvConf: join(folder, 'root/etc/resolv.conf') }
  }

  /** The oldest process of each pod: the one that lasts is the first. */
  async #lookAround(): Promise<ReadonlyMap<string, string>> {
    const oldest = new Map<string, { readonly pid: string; readonly startedAt: number }>()
    for (const pid of await readdir(this.#folder)) {
      if (!/^\d+$/.test(pid)) continue
      const uid = podOf(await this.#read(pid, 'cgroup'))
      if (uid === undefined) continue
      const startedAt = startOf(await this.#read(pid, 'stat'))
      const known = oldest.get(uid)
      if (!known || startedAt < known.startedAt) oldest.set(uid, { pid, startedAt })
    }
    return new Map([...oldest].map(([uid, { pid }]) => [uid, pid]))
  }

  /** Nothing of a process that has ended meanwhile. */
  async #read(pid: string, name: string): Promise<string> {
    return readFile(join(this.#folder, pid, name), 'utf8').catch(() => '')
  }
}

/** `…/pod0ab1…/…`, or `…-pod0ab1_….slice/…` where systemd makes the groups, which has no hyphens in names. */
function podOf(cgroup: string): string | undefined {
  const uid = /[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})\b/.exec(
    cgroup,
  )
  return uid?.[1]?.replaceAll('_', '-')
}

/** In ticks since the machine started (proc_pid_stat(5), field 22); the name before may hold anything. */
function startOf(stat: string): number {
  const [, ticks = ''] = /.*\) (?:\S+ ){19}(\d+)/s.exec(stat) ?? []
  return ticks === '' ? Number.POSITIVE_INFINITY : Number(ticks)
}
