import { closeSync, openSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { IpFamily } from '../../ip/address.ts'
import { outwardFamilies } from '../../ip/outward-families.ts'
import { openMarkedSocket } from '../../sys/marked-socket.ts'
import { inNetworkNamespace } from '../../sys/network-namespace.ts'

/** Tells one network namespace from another for as long as either exists. */
export type NamespaceId = string

/** Of what is at a path now; `undefined` when nothing is. */
export function namespaceAt(path: string): NamespaceId | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** A pod's network namespace, held open: it lives for as long as we hold it. */
export class PodNamespace {
  readonly id: NamespaceId
  readonly #fd: number
  #isOpen = true

  private constructor(fd: number, id: NamespaceId) {
    this.#fd = fd
    this.id = id
  }

  /** `undefined` when there is none. */
  static open(path: string): PodNamespace | undefined {
    const id = namespaceAt(path)
    if (id === undefined) return undefined
    let fd: number
    try {
      fd = openSync(path, 'r')
    } catch (error) {
      // It may have gone just now.
      if (namespaceAt(path) === undefined) return undefined
      throw error
    }
    if (namespaceAt(`/proc/self/fd/${fd}`) === id) return new PodNamespace(fd, id)
    // It became another one just now.
    closeSync(fd)
    return undefined
  }

  /** Of a descriptor that came from elsewhere; owns it. */
  static adopt(fd: number): PodNamespace | undefined {
    const id = namespaceAt(`/proc/self/fd/${fd}`)
    return id === undefined ? undefined : new PodNamespace(fd, id)
  }

  get fd(): number {
    return this.#fd
  }

  /** Neither the node's own nor ours. */
  get isOfPod(): boolean {
    return ['/proc/self/ns/net', '/proc/1/ns/net'].every((path) => namespaceAt(path) !== this.id)
  }

  /**
   * Does something inside; see `inNetworkNamespace`.
   * @throws {NamespaceDeniedError} when the kernel does not let us in.
   */
  run<T>(work: () => T): T {
    if (!this.#isOpen) throw new TypeError('the namespace of the pod was let go')
    return inNetworkNamespace(this.#fd, work)
  }

  /** A socket that belongs there; see `openMarkedSocket`. */
  openSocket(transport: 'udp' | 'tcp', family: IpFamily, mark: number): number {
    return this.run(() => openMarkedSocket(transport, family, mark))
  }

  /** Families in which the pod reaches others. */
  families(): readonly IpFamily[] {
    return outwardFamilies(this.run(networkInterfaces))
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd)
    this.#isOpen = false
  }
}
