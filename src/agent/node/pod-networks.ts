import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodePod } from './node-pod.ts'

/** Where a pod's network is. */
export interface PodNetwork {
  /** Of its network namespace. */
  readonly path: string
  /** Of its resolv.conf, which may not exist. */
  readonly resolvConf: string
}

/** Finds the networks of pods on this node. */
export interface PodNetworks {
  /** `undefined` as long as there is none. */
  find(pod: Pick<NodePod, 'uid' | 'namespace' | 'name'>): Promise<PodNetwork | undefined>
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
    return isThere ? { path, resolvConf: join(folder, 'resolv.conf') } : undefined
  }
}
