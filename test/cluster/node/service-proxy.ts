import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node'
import type { ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'
import { runProgram } from '../run-program.ts'
import { followObjects } from './follow-objects.ts'
import { serviceRules } from './service-rules.ts'

/** Keeps the node's rules as the cluster's Services and EndpointSlices are. */
export class ServiceProxy {
  readonly #enter: readonly string[]
  readonly #end = new AbortController()
  readonly #following: Promise<unknown>
  #services: ReadonlyMap<string, V1Service> | undefined
  #slices: ReadonlyMap<string, V1EndpointSlice> | undefined
  #writing: Promise<void> = Promise.resolve()
  #written = ''

  constructor(client: ClusterClient, enter: readonly string[]) {
    this.#enter = enter
    const { signal } = this.#end
    this.#following = Promise.all([
      followObjects<V1Service>(client, { path: '/api/v1/services' }, signal, (services) => {
        this.#services = services
        this.#write()
      }),
      followObjects<V1EndpointSlice>(
        client,
        { path: '/apis/discovery.k8s.io/v1/endpointslices' },
        signal,
        (slices) => {
          this.#slices = slices
          this.#write()
        },
      ),
    ])
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#following
    await this.#writing
  }

  /** One after the other; the state counts that is there when its turn comes. */
  #write(): void {
    this.#writing = this.#writeAfter(this.#writing)
    this.#writing.catch(() => {})
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    await before
    if (!this.#services || !this.#slices || this.#end.signal.aborted) return
    const text = serviceRules([...this.#services.values()], [...this.#slices.values()])
    if (text === this.#written) return
    this.#written = text
    const { code, stderr } = await runProgram([...this.#enter, 'nft', '-f', '-'], { input: text })
    if (code !== 0) throw new Error(`nft: ${stderr}\n${text}`)
  }
}
