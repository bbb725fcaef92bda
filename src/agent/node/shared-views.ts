import type { Running } from '../../base/scope.ts'
import type { IpFamily } from '../../ip/address.ts'
import { Scopes } from '../../registry/scope.ts'
import type { AgentOptions } from '../options.ts'
import type { NodePod } from './node-pod.ts'
import type { CatalogLease } from './shared-catalog.ts'
import { SharedView, type SharedViewPorts, type ViewMember } from './shared-view.ts'

/** A member that can be given another view. */
export interface PodViewer extends ViewMember {
  readonly pod: Pick<NodePod, 'namespace' | 'labels'>
  readonly families: readonly IpFamily[]
  /** Sees through this view from now on. */
  enter(view: SharedView): void
}

/** Views by what is seen through them: a view for each namespace, its Sidecars, and the families of addresses. */
export class SharedViews implements Running {
  readonly #options: AgentOptions
  readonly #ports: SharedViewPorts
  readonly #views = new Map<string, Promise<SharedView>>()
  /** Where each member is, or is about to be. */
  readonly #places = new Map<PodViewer, string>()
  readonly #lease: CatalogLease
  #scopes: Scopes

  constructor(options: AgentOptions, ports: SharedViewPorts) {
    this.#options = options
    this.#ports = ports
    this.#lease = ports.catalog.open()
    const { catalog } = this.#lease
    this.#scopes = new Scopes(catalog.sidecars(), options.rootNamespace)
    catalog.follow(({ sidecars }) => {
      if (!sidecars) return
      this.#scopes = new Scopes(catalog.sidecars(), options.rootNamespace)
      for (const member of this.#places.keys()) {
        this.join(member).catch((error: unknown) => {
          ports.log.error({ error, namespace: member.pod.namespace }, 'a pod keeps its old view')
        })
      }
    })
  }

  get size(): number {
    return this.#views.size
  }

  /** Has the member see what it may see by the Sidecars that there are now; it may have a view already. */
  async join(member: PodViewer): Promise<void> {
    const { pod, families } = member
    const { namespace } = pod
    const labels = new Map(Object.entries(pod.labels))
    const scope = this.#scopes.scopeOf({ namespace, labels })
    const place = `${namespace} ${families.join()} ${scope.key}`
    const before = this.#places.get(member)
    if (before === place) return
    this.#places.set(member, place)
    const starting =
      this.#views.get(place) ??
      SharedView.start({ namespace, scope, families }, this.#options, this.#ports)
    this.#views.set(place, starting)
    try {
      const view = await starting
      // It may have left meanwhile, or moved on.
      if (this.#places.get(member) === place) {
        await view.join(member)
        if (this.#places.get(member) === place) member.enter(view)
        else view.leave(member)
      }
    } catch (error) {
      if (this.#places.get(member) === place) {
        if (before === undefined) this.#places.delete(member)
        else this.#places.set(member, before)
      }
      throw error
    } finally {
      await this.#tidy(place)
      if (before !== undefined) await this.#quit(member, before)
    }
  }

  /** Nothing is told to the member any more. */
  async leave(member: PodViewer): Promise<void> {
    const place = this.#places.get(member)
    if (place === undefined) return
    this.#places.delete(member)
    await this.#quit(member, place)
  }

  async stop(): Promise<void> {
    this.#lease.end()
    this.#places.clear()
    await Promise.all([...this.#views.keys()].map((place) => this.#tidy(place)))
  }

  async #quit(member: PodViewer, place: string): Promise<void> {
    const view = await this.#views.get(place)?.catch(() => undefined)
    if (this.#places.get(member) !== place) view?.leave(member)
    await this.#tidy(place)
  }

  /** Lets a view go that nobody sees through, or that did not come to be. */
  async #tidy(place: string): Promise<void> {
    const held = this.#views.get(place)
    if (!held) return
    const view = await held.catch(() => undefined)
    const isWanted = [...this.#places.values()].includes(place)
    if ((view && isWanted) || this.#views.get(place) !== held) return
    this.#views.delete(place)
    await view?.stop()
  }
}
