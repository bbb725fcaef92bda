import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'

/** Who makes control groups, by which their names differ. */
export type GroupDriver = 'systemd' | 'cgroupfs'

/** Longest wait for processes of a group that were ended. */
const emptyWithinMs = 60_000

/** The control group of a pod, and those of its containers in it. */
export interface PodGroup {
  /** A new one; the folder in which its processes are said. */
  add(): string
  /** Ends what is left in it, and takes it away. */
  remove(folder: string): Promise<void>
  /** The same for the pod's own. */
  end(): Promise<void>
}

/** Control groups of pods (version 2), named as kubelet and containerd name them. */
export class PodGroups implements AsyncDisposable {
  readonly #folder: string
  readonly #driver: GroupDriver

  /** `root` is where the hierarchy is mounted; all is made in a group `name` below our own. */
  constructor(root: string, name: string, driver: GroupDriver) {
    this.#folder = join(root, ownGroup(), name)
    this.#driver = driver
  }

  add(pod: V1Pod): PodGroup {
    const folder = join(this.#folder, ...this.#namesOf(pod))
    return {
      add: () => {
        const id = randomBytes(32).toString('hex')
        const name = this.#driver === 'systemd' ? `cri-containerd-${id}.scope` : id
        const made = join(folder, name)
        mkdirSync(made, { recursive: true })
        return made
      },
      remove: removeGroup,
      end: () => removeGroup(folder),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeGroup(this.#folder)
  }

  #namesOf({ metadata, status }: V1Pod): readonly string[] {
    const uid = uidOnNode(metadata)
    const quality = status?.qosClass?.toLowerCase() ?? 'besteffort'
    const classes = quality === 'guaranteed' ? [] : [quality]
    if (this.#driver === 'cgroupfs') return ['kubepods', ...classes, `pod${uid}`]
    const names = ['kubepods', ...classes, `pod${uid.replaceAll('-', '_')}`]
    return names.map((_, at) => `${names.slice(0, at + 1).join('-')}.slice`)
  }
}

/** A static pod is known to its node by what its file says. */
function uidOnNode({ uid = '', annotations = {} }: NonNullable<V1Pod['metadata']> = {}): string {
  return annotations['kubernetes.io/config.mirror'] ?? uid
}

/** Of version 2, below what the hierarchy shows us as its root. */
export function ownGroup(): string {
  const [, own] = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? []
  if (own === undefined) throw new Error('this machine has no control groups of version 2')
  return own
}

/** With all that is in it. */
async function removeGroup(folder: string): Promise<void> {
  const signal = AbortSignal.timeout(emptyWithinMs)
  for (;;) {
    try {
      writeFileSync(join(folder, 'cgroup.kill'), '1')
      const found = readdirSync(folder, { withFileTypes: true })
      for (const each of found) if (each.isDirectory()) await removeGroup(join(folder, each.name))
      rmdirSync(folder)
      return
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || signal.aborted) throw error
    }
    await setTimeout(10)
  }
}
