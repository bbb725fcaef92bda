import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { NodePod } from './node-pod.ts'
import type { ForeignFile } from './read-foreign-file.ts'

/** Where a pod's network is. */
export interface PodNetwork {
  /** Of its network namespace. */
  readonly path: string
  /** It may not exist. */
  readonly resolvConf: ForeignFile
}

/** Finds the networks of pods on this node. */
export interface PodNetworks {
  /** `undefined` as long as there is none. */
  find(pod: Pick<NodePod, 'uid' | 'namespace' | 'name'>): Promise<PodNetwork | undefined>
  /** Whether it is still the pod's: somebody else may have its path by now. */
  isOf(pod: Pick<NodePod, 'uid'>, network: PodNetwork): Promise<boolean>
}

/** Networks by name: a folder NAMESPACE_NAME for each pod, where `net` is its namespace or a link to it. */
export class NamedPodNetworks implements PodNetworks {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async find({
    namespace,
    name,
  }: Pick<NodePod, 'namespace' | 'name'>): Promise<PodNetwork | undefined> {
    const folder = join(this.#folder, `${namespace}_${name}`)
    const path = join(folder, 'net')
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (!isThere) return undefined
    // Whoever made the folder may have made links to anywhere.
    return { path, resolvConf: { root: '/', path: resolve(folder, 'resolv.conf') } }
  }

  async isOf(): Promise<boolean> {
    return true
  }
}
