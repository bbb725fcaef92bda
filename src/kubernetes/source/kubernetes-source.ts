import { Burst } from '../../base/burst.ts'
import type { Finding } from '../../documents/finding.ts'
import { FindingReport } from '../../documents/finding-report.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { CatalogChange, ServicesByHost } from '../../registry/catalog.ts'
import type { ClusterFacts, ClusterFactsSource } from '../../registry/cluster-facts.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import type { Source } from '../../registry/source.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import { ObjectDeclarations } from '../../translate/object-declarations.ts'
import type { TranslateOptions } from '../../translate/translate-options.ts'
import type { HeldChange } from '../watch/held-objects.ts'
import { Reflector } from '../watch/reflector.ts'
import type { ReflectorPorts, ReflectorState } from '../watch/reflector-options.ts'
import { nameOfKind } from '../watch/watched-kind.ts'
import { FactsOfCluster } from './facts-of-cluster.ts'
import { clusterObjectRefused } from './health.ts'
import { type HeldPod, readHeldPod } from './held-pod.ts'
import { ObjectsInForce } from './objects-in-force.ts'
import { type ClusterObject, projectObject } from './project-object.ts'
import { SelectedPods } from './selected-pods.ts'
import { podKind, type SourceKind, sourceKinds } from './source-kinds.ts'

/** Changes that follow one another sooner than this are one. */
const burstMs = 10

/**
 * Configuration from a cluster, followed while it runs.
 *
 * A bad object is refused whole, and its last good version stays in force; so does everything while
 * the API server is away, or no longer lets us read a kind.
 */
export class KubernetesSource implements Source, ClusterFactsSource {
  readonly name = 'kubernetes'
  readonly #autoAllocate: boolean
  readonly #ports: ReflectorPorts
  readonly #reflectors = new Map<string, Reflector<ClusterObject>>()
  readonly #pods: SelectedPods
  readonly #objects = new ObjectsInForce()
  readonly #declarations: ObjectDeclarations
  readonly #facts: FactsOfCluster
  readonly #report: FindingReport
  readonly #burst: Burst
  #reported: readonly unknown[] = []
  #isStarted = false
  #isStopped = false

  constructor(translate: TranslateOptions, ports: ReflectorPorts) {
    this.#autoAllocate = translate.autoAllocate
    this.#ports = ports
    this.#pods = new SelectedPods(ports, (change) => this.#takePods(change))
    this.#declarations = new ObjectDeclarations(translate)
    this.#facts = new FactsOfCluster(translate.clusterDomain, () => this.states())
    this.#report = new FindingReport(ports, () => clusterObjectRefused)
    this.#burst = new Burst(burstMs, ports.clock, () => this.#apply())
    for (const kind of sourceKinds) {
      const { watched, metadataOnly = false } = kind
      const reflector = new Reflector<ClusterObject>(
        { kind: watched, metadataOnly, project: (raw) => this.#project(raw, kind) },
        ports,
      )
      this.#reflectors.set(nameOfKind(watched), reflector)
      reflector.follow((change) => this.#take(change))
      reflector.followState(() => this.#isStarted && this.#burst.ask())
    }
  }

  services(): ServicesByHost {
    return this.#declarations.services()
  }

  sidecars(): readonly Sidecar[] {
    return this.#declarations.sidecars()
  }

  /** The checked objects in force; the same array as long as nothing changed. */
  objects(): readonly MeshObject[] {
    return this.#objects.objects()
  }

  /** Everything that there is to say about the objects as they are now. */
  findings(): readonly Finding[] {
    return [...this.#objects.findings().flat(), ...this.#declarations.findings()]
  }

  /** How far each kind is followed, by `PLURAL.GROUP`; Pods are not among them. */
  states(): ReadonlyMap<string, ReflectorState> {
    return new Map([...this.#reflectors].map(([name, { state }]) => [name, state]))
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#declarations.follow(onChange)
  }

  clusterFacts(): ClusterFacts {
    return this.#facts.current()
  }

  localityOf(node: string): string | undefined {
    return this.#facts.localityOf(node)
  }

  followClusterFacts(onChange: () => void): void {
    this.#facts.follow(onChange)
  }

  /** Has the objects that there are mean something else from now on. */
  translateAs(options: TranslateOptions): void {
    this.#burst.flush()
    const change = this.#declarations.translateAs(options)
    this.#reportFindings()
    if (change.hosts.size > 0) this.#declarations.tell(change)
    this.#facts.settle(options.clusterDomain)
  }

  /** Resolves when every kind that may be read has its first list; a stop ends the wait. */
  async start(): Promise<this> {
    await Promise.all([...this.#reflectors.values()].map((reflector) => reflector.start()))
    this.#apply()
    await this.#pods.start()
    this.#apply()
    this.#isStarted = true
    const { size: services } = this.services()
    this.#ports.log.info({ services, count: this.objects().length }, 'cluster read')
    return this
  }

  async reload(): Promise<void> {
    const all = [...this.#reflectors.values(), this.#pods]
    await Promise.all(all.map((one) => one.reload()))
    this.#burst.flush()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#burst.stop()
    const all = [...this.#reflectors.values(), this.#pods]
    await Promise.all(all.map((one) => one.stop()))
  }

  #project(raw: PlainMap, kind: SourceKind): ClusterObject {
    return projectObject(raw, kind, this.#autoAllocate)
  }

  #take({ put, gone }: HeldChange<ClusterObject>): void {
    if (this.#isStopped) return
    for (const object of gone) this.#objects.remove(object)
    for (const object of put) this.#objects.put(object)
    this.#facts.take(put, gone)
    if (this.#isStarted) this.#burst.ask()
  }

  #takePods({ put, gone }: HeldChange<HeldPod>): void {
    for (const { key } of gone) this.#objects.remove({ key: `${podKind.kind} ${key}` })
    for (const pod of put) this.#objects.put(this.#project(readHeldPod(pod), podKind))
    if (this.#isStarted) this.#burst.ask()
  }

  #apply(): void {
    const change = this.#objects.take()
    this.#pods.update(change)
    const changed = this.#declarations.update(change, () => this.objects())
    this.#reportFindings()
    if (changed.hosts.size > 0 || changed.sidecars) this.#declarations.tell(changed)
    this.#facts.settle()
  }

  #reportFindings(): void {
    const lists = [...this.#objects.findings(), this.#declarations.findings()]
    const isSame = lists.every((list, at) => list === this.#reported[at])
    if (isSame && lists.length === this.#reported.length) return
    this.#reported = lists
    this.#report.update(lists)
  }
}
