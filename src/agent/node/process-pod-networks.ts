import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { NamespaceDeniedError } from '../../sys/network-namespace.ts'
import type { NodePod } from './node-pod.ts'
import { namespaceAt } from './pod-namespace.ts'
import type { PodNetwork, PodNetworks } from './pod-networks.ts'

/** A look at all processes serves everybody who asks within this time, or within so many times what it took. */
const lookLasts = { ms: 200, times: 10 }

interface Look {
  readonly found: Promise<ReadonlyMap<string, string>>
  endsAtMs: number
}

/**
 * Networks of pods by the processes of the node: the name of a control group that the kubelet makes holds the uid of its
 * pod. Works with every container runtime, and needs no file of it.
 */
export class ProcessPodNetworks implements PodNetworks {
  readonly #folder: string
  readonly #clock: Pick<Clock, 'now'>
  #look: Look | undefined

  /** `folder` is a proc(5) of the node. */
  constructor(folder: string, clock: Pick<Clock, 'now'>) {
    this.#folder = folder
    this.#clock = clock
  }

  /** Whether process 1 is of our own container: the node's processes are hidden from us then. */
  get isBlind(): boolean {
    return namespaceAt(this.#at('1', 'ns/mnt')) === namespaceAt(this.#at('self', 'ns/mnt'))
  }

  async find({ uid }: Pick<NodePod, 'uid'>): Promise<PodNetwork | undefined> {
    if (!this.#look || this.#clock.now() >= this.#look.endsAtMs) this.#look = this.#startLook()
    const pid = (await this.#look.found).get(uid)
    if (pid === undefined) return undefined
    const resolvConf = { root: this.#at(pid, 'root'), path: '/etc/resolv.conf' }
    return { path: this.#at(pid, 'ns/net'), resolvConf }
  }

  async isOf({ uid }: Pick<NodePod, 'uid'>, { path }: PodNetwork): Promise<boolean> {
    const pid = basename(dirname(dirname(path)))
    return podOf(await this.#read(pid, 'cgroup')) === uid
  }

  #startLook(): Look {
    const beganMs = this.#clock.now()
    const found = this.#lookAround()
    const look = { found, endsAtMs: Number.POSITIVE_INFINITY }
    const end = () => {
      const now = this.#clock.now()
      look.endsAtMs = Math.max(beganMs + lookLasts.ms, now + lookLasts.times * (now - beganMs))
    }
    found.then(end, end)
    return look
  }

  /** The oldest process of each pod: the one that lasts is the first. */
  async #lookAround(): Promise<ReadonlyMap<string, string>> {
    const node = this.#placeOf('1')
    // Nobody's can be seen then.
    if (node.network === undefined) throw new NamespaceDeniedError(this.#at('1', 'ns/net'))
    const oldest = new Map<string, { readonly pid: string; readonly startedAt: number }>()
    for (const pid of await readdir(this.#folder)) {
      if (!/^\d+$/.test(pid)) continue
      const uid = podOf(await this.#read(pid, 'cgroup'))
      if (uid === undefined) continue
      const startedAt = startOf(await this.#read(pid, 'stat'))
      const known = oldest.get(uid)
      if (known && known.startedAt <= startedAt) continue
      const { network, root } = this.#placeOf(pid)
      if (network === undefined || root === undefined) continue
      if (network !== node.network && root !== node.root) oldest.set(uid, { pid, startedAt })
    }
    return new Map([...oldest].map(([uid, { pid }]) => [uid, pid]))
  }

  /**
   * Some processes in a pod's groups are the node's: those that watch containers (CRI-O's conmon), and those that are
   * about to become one.
   */
  #placeOf(pid: string) {
    return {
      network: namespaceAt(this.#at(pid, 'ns/net')),
      root: namespaceAt(this.#at(pid, 'root')),
    }
  }

  /** Nothing of a process that has ended meanwhile. */
  async #read(pid: string, name: string): Promise<string> {
    return readFile(this.#at(pid, name), 'utf8').catch(() => '')
  }

  #at(pid: string, name: string): string {
    return join(this.#folder, pid, name)
  }
}

/**
 * `…/pod0ab1…/…`, or `…-pod0ab1_….slice/…` where systemd makes the groups, which has no hyphens in names. The first one
 * of a path counts: what is below, a pod may have named itself.
 */
function podOf(cgroup: string): string | undefined {
  const uid =
    /[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=\.slice\b|[/\n]|$)/.exec(
      cgroup,
    )
  return uid?.[1]?.replaceAll('_', '-')
}

/** In ticks since the machine started (proc_pid_stat(5), field 22); the name before may hold anything. */
function startOf(stat: string): number {
  const [, ticks = ''] = /.*\) (?:\S+ ){19}(\d+)/s.exec(stat) ?? []
  return ticks === '' ? Number.POSITIVE_INFINITY : Number(ticks)
}
