import { setTimeout } from 'node:timers/promises'
import { type ClusterClient, patchTypes } from '../../src/kubernetes/client/cluster-client.ts'
import type { AgentProcess } from './agent-process.ts'
import {
  type ClusterSize,
  type EndpointState,
  endpointsOf,
  namespaceOf,
  pathOf,
  serviceName,
  sliceName,
} from './objects.ts'

const timeoutMs = 60_000

/** Changes of single endpoints, through the API: by turns it is not ready, has another address, is as it was. */
export class EndpointChanges {
  readonly #client: ClusterClient
  readonly #size: ClusterSize
  /** A cluster may have been changed before: addresses of this time are others. */
  readonly #era = 1 + Math.floor(Math.random() * 18)
  #next = 0

  constructor(client: ClusterClient, size: ClusterSize) {
    this.#client = client
    this.#size = size
  }

  /** From the API's answer until each agent holds it, in milliseconds. */
  async one(agents: readonly AgentProcess[]): Promise<readonly number[]> {
    const { services, podsPerService } = this.#size
    const turn = this.#next
    this.#next += 1
    // Three turns for an endpoint, and a stride that meets all services.
    const service = (Math.floor(turn / 3) * 7_919 + (turn % 3) * 3_331) % services
    const pod = turn % podsPerService
    const state: EndpointState = { ready: turn % 2 === 0, version: this.#era * 3 + (turn % 3) }
    const endpoints = endpointsOf(service, podsPerService, new Map([[pod, state]]))
    const host = `${serviceName(service)}.${namespaceOf(service)}.svc.cluster.local`
    const seen = Promise.all(
      agents.map((agent) => agent.until(({ hosts }) => hosts.includes(host), timeoutMs)),
    )
    await this.#client.call({
      method: 'PATCH',
      path: pathOf('endpointslices', namespaceOf(service), sliceName(service)),
      contentType: patchTypes.merge,
      body: { endpoints },
    })
    const answeredMs = performance.timeOrigin + performance.now()
    return (await seen).map(({ atMs }) => atMs - answeredMs)
  }

  /** One after the other, a moment between them. */
  async inTurn(count: number, agents: readonly AgentProcess[]): Promise<readonly number[]> {
    const times: number[] = []
    for (let change = 0; change < count; change += 1) {
      times.push(...(await this.one(agents)))
      await setTimeout(20)
    }
    return times
  }

  /** So many a second, whatever becomes of them. */
  async aSecond(
    rate: number,
    count: number,
    agents: readonly AgentProcess[],
  ): Promise<readonly number[]> {
    const running: Promise<readonly number[]>[] = []
    const begin = performance.now()
    for (let change = 0; change < count; change += 1) {
      running.push(this.one(agents))
      await setTimeout(Math.max(0, begin + ((change + 1) * 1_000) / rate - performance.now()))
    }
    return (await Promise.all(running)).flat()
  }
}
