import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { V1Pod, V1PodStatus } from '@kubernetes/client-node'
import type { IpFamily } from '../../../src/ip/address.ts'
import { isApiFailure } from '../../../src/kubernetes/client/api-failure.ts'
import type { ApiCall, ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'
import { followObjects } from './follow-objects.ts'
import type { NodeInit } from './node-init.ts'
import { type NodeNetwork, nodeAddresses } from './node-network.ts'
import { type ClusterDns, hostNameOf, hostsOf, resolvConfOf } from './pod-files.ts'
import type { PodGroups } from './pod-groups.ts'
import { PodLife } from './pod-life.ts'
import { volumeSources } from './volume-sources.ts'

export interface KubeletParts {
  readonly client: ClusterClient
  readonly network: NodeNetwork
  readonly init: NodeInit
  readonly groups: PodGroups
  /** For what pods have on disk. */
  readonly folder: string
  readonly dns: ClusterDns
}

const retryMs = 200

/** `IPv4` or `IPv6`: the pod has addresses of this family only. */
export const familiesAnnotation = 'meshdns.test/ip-family'

/**
 * Runs pods of the cluster as a node does, each in a network namespace of its own; binds those that no node has.
 *
 * Pods of other nodes run here, too: nodes are names, as far as pods can tell.
 */
export class TestKubelet {
  readonly #parts: KubeletParts
  readonly #end = new AbortController()
  readonly #following: Promise<void>
  /** By uid. */
  readonly #pods = new Map<string, PodLife>()
  readonly #ending = new Map<string, Promise<void>>()
  readonly #bound = new Set<string>()
  /** On their way, and what comes after them. */
  readonly #reports = new Map<string, Promise<void>>()
  readonly #latest = new Map<string, V1PodStatus>()

  constructor(parts: KubeletParts) {
    this.#parts = parts
    const { signal } = this.#end
    const path = '/api/v1/pods'
    this.#following = followObjects<V1Pod>(parts.client, { path }, signal, (pods) => {
      this.#follow([...pods.values()])
    })
  }

  /** A pod that runs here, by its uid. */
  pod(uid: string): PodLife | undefined {
    return this.#pods.get(uid)
  }

  /** A pod that runs here, by its name. */
  podNamed(namespace: string, name: string): PodLife | undefined {
    return [...this.#pods.values()].find((life) => life.isNamed(namespace, name))
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#following
    for (const [uid, life] of this.#pods) this.#finish(uid, life, 0)
    await Promise.all(this.#ending.values())
    await Promise.all(this.#reports.values())
  }

  #follow(pods: readonly V1Pod[]): void {
    const known = new Set(pods.map(({ metadata }) => metadata?.uid ?? ''))
    for (const pod of pods) {
      const { uid = '', deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata ?? {}
      const { nodeName, schedulingGates = [] } = pod.spec ?? {}
      const life = this.#pods.get(uid)
      if (deletionTimestamp !== undefined) {
        if (life) this.#finish(uid, life, deletionGracePeriodSeconds, pod)
        else if (nodeName !== undefined && !this.#ending.has(uid)) {
          const ending = this.#forget(pod).finally(() => this.#ending.delete(uid))
          this.#ending.set(uid, ending)
        }
      } else if (nodeName === undefined) {
        if (schedulingGates.length === 0) void this.#bind(pod)
      } else if (!life && !isOver(pod)) {
        this.#pods.set(uid, this.#begin(pod))
      }
    }
    for (const [uid, life] of this.#pods) if (!known.has(uid)) this.#finish(uid, life, 0)
  }

  #begin(pod: V1Pod): PodLife {
    const { client, network, init, groups, folder, dns } = this.#parts
    const { uid = '' } = pod.metadata ?? {}
    const own = pod.spec?.hostNetwork ? network.own : network.addPod(familiesOf(pod))
    return new PodLife(pod, {
      folder: join(folder, uid),
      network: own,
      enterPod: init.enter(own.path),
      group: groups.add(pod),
      hostAddresses: nodeAddresses,
      enter: network.enter,
      sources: volumeSources(client, pod),
      report: (status) => this.#report(pod, status),
      async writeOwnFiles(own, standing, addresses) {
        await writeFile(join(own, 'resolv.conf'), resolvConfOf(standing, dns))
        await writeFile(join(own, 'hosts'), hostsOf(standing, addresses, dns.domain))
        await writeFile(join(own, 'hostname'), `${hostNameOf(standing)}\n`)
      },
    })
  }

  /** Stands in for the scheduler. */
  async #bind({ metadata }: V1Pod): Promise<void> {
    const { uid = '', name = '', namespace = '' } = metadata ?? {}
    if (this.#bound.has(uid)) return
    this.#bound.add(uid)
    const target = { apiVersion: 'v1', kind: 'Node', name: this.#parts.network.name }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target }
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`
    await this.#insist({ method: 'POST', path, body })
  }

  #finish(uid: string, life: PodLife, graceSeconds: number, pod?: V1Pod): void {
    this.#pods.delete(uid)
    this.#ending.set(uid, this.#stop(uid, life, graceSeconds, pod))
  }

  async #stop(uid: string, life: PodLife, graceSeconds: number, pod?: V1Pod): Promise<void> {
    await life.stop(graceSeconds)
    if (pod) await this.#forget(pod)
    this.#ending.delete(uid)
  }

  /** Says that nothing of it is left. */
  async #forget({ metadata }: V1Pod): Promise<void> {
    const { uid, name, namespace } = metadata ?? {}
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`
    const body = { gracePeriodSeconds: 0, preconditions: { uid } }
    await this.#insist({ method: 'DELETE', path, body })
  }

  /** Until the API server does it, or the pod is another or none. */
  async #insist(call: ApiCall): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await this.#parts.client.call(call)
        return
      } catch (error) {
        if (isApiFailure(error, 404) || isApiFailure(error, 409)) return
        await setTimeout(retryMs)
      }
    }
  }

  /** One after the other; while one is on its way, the last of those that come counts. */
  #report({ metadata }: V1Pod, status: V1PodStatus): void {
    const { uid = '', name, namespace } = metadata ?? {}
    this.#latest.set(uid, status)
    if (this.#reports.has(uid)) return
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`
    const send = async () => {
      for (;;) {
        const latest = this.#latest.get(uid)
        if (!latest || this.#end.signal.aborted) return
        this.#latest.delete(uid)
        try {
          const body = { metadata: { uid }, status: latest }
          const contentType = 'application/strategic-merge-patch+json'
          await this.#parts.client.call({ method: 'PATCH', path, body, contentType })
        } catch (error) {
          if (isApiFailure(error, 404) || isApiFailure(error, 409)) return
          if (!this.#latest.has(uid)) this.#latest.set(uid, latest)
          await setTimeout(retryMs)
        }
      }
    }
    this.#reports.set(
      uid,
      send().finally(() => this.#reports.delete(uid)),
    )
  }
}

/** Pods of one cluster may have unlike addresses here. */
function familiesOf({ metadata }: V1Pod): readonly IpFamily[] {
  const said = metadata?.annotations?.[familiesAnnotation]
  return said === undefined ? [4, 6] : said === 'IPv4' ? [4] : [6]
}

function isOver({ status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
