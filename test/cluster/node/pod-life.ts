import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { V1Container, V1Pod, V1PodStatus } from '@kubernetes/client-node'
import { reasonOf } from '../../../src/base/reason-of.ts'
import type { Container, ExitCode } from './container.ts'
import { ContainerSlot } from './container-slot.ts'
import { environmentOf } from './environment.ts'
import type { PodNetwork } from './node-network.ts'
import type { PodGroup } from './pod-groups.ts'
import { type PodPhase, podStatusOf } from './pod-status.ts'
import { probe } from './probe.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'
import { startContainer } from './start-container.ts'
import { makeVolumes, type VolumeSources } from './volumes.ts'

export interface PodHost {
  /** A folder that is the pod's alone. */
  readonly folder: string
  readonly network: PodNetwork
  readonly hostAddresses: readonly string[]
  /** Words before those of a program that shall run on the node. */
  readonly enter: readonly string[]
  /** The same for one in the pod's network. */
  readonly enterPod: readonly string[]
  readonly group: PodGroup
  readonly sources: VolumeSources
  /** Writes the files of /etc that a pod's containers share into a folder. */
  readonly writeOwnFiles: (
    folder: string,
    pod: V1Pod,
    addresses: readonly string[],
  ) => Promise<void>
  readonly report: (status: V1PodStatus) => void
}

const retryMs = 200

/** One pod on its way: volumes, init containers in order, sidecars, containers, and the end in order. */
export class PodLife {
  readonly #spec: V1Pod
  readonly #host: PodHost
  readonly #end = new AbortController()
  readonly #over: Promise<void>
  #phase: PodPhase = 'Pending'
  #isInitialized = false
  #message: string | undefined
  readonly #initSlots: readonly ContainerSlot[]
  readonly #slots: readonly ContainerSlot[]

  constructor(spec: V1Pod, host: PodHost) {
    this.#spec = spec
    this.#host = host
    const podPolicy = spec.spec?.restartPolicy ?? 'Always'
    this.#initSlots = (spec.spec?.initContainers ?? []).map((container) => {
      const ordinary = podPolicy === 'Never' ? 'Never' : 'OnFailure'
      return this.#slotOf(container, container.restartPolicy ?? ordinary)
    })
    this.#slots = (spec.spec?.containers ?? []).map((each) => this.#slotOf(each, podPolicy))
    this.#over = this.#live().catch((error: unknown) => {
      this.#phase = 'Failed'
      this.#message = reasonOf(error)
      this.#report()
    })
  }

  isNamed(namespace: string, name: string): boolean {
    const { metadata } = this.#spec
    return metadata?.namespace === namespace && metadata.name === name
  }

  get addresses(): readonly string[] {
    return this.#host.network.addresses
  }

  /** Words before those of a program that shall run in its network. */
  get enter(): readonly string[] {
    return ['nsenter', `--net=${this.#host.network.path}`, '--']
  }

  /** What runs under this name, or ran last. */
  container(name: string): Container | undefined {
    const slots = [...this.#initSlots, ...this.#slots]
    return slots.find(({ spec }) => spec.name === name)?.container
  }

  /** Brings its volumes up to date, which a kubelet does about every minute. */
  async refresh(): Promise<void> {
    const { folder, sources } = this.#host
    await makeVolumes(join(folder, 'volumes'), this.#standing(), sources)
  }

  /** Ends it in order: containers, then sidecars from the last to the first; nothing of it is left. */
  async stop(graceSeconds: number): Promise<void> {
    this.#end.abort()
    const end = performance.now() + graceSeconds * 1_000
    const left = () => Math.max(0, end - performance.now())
    await Promise.all(this.#slots.map((slot) => slot.stop(left())))
    for (const slot of this.#initSlots.toReversed()) await slot.stop(left())
    await this.#over
    await this.#host.group.end()
    this.#host.network.remove()
    await rm(this.#host.folder, { recursive: true, force: true })
  }

  async #live(): Promise<void> {
    refuseUnsupported(this.#spec)
    await this.#prepare()
    for (const slot of this.#initSlots) {
      if (this.#end.signal.aborted) return
      if (slot.spec.restartPolicy === 'Always') {
        void slot.run()
        await slot.started
      } else if ((await slot.run()) !== 0) {
        if (this.#end.signal.aborted) return
        throw new Error(`init container ${slot.spec.name} failed: ${slot.container?.log}`)
      }
    }
    if (this.#end.signal.aborted) return
    this.#isInitialized = true
    this.#phase = 'Running'
    const running: Promise<ExitCode>[] = []
    for (const slot of this.#slots) {
      running.push(slot.run())
      // One after the other, as a kubelet does: what a first one's `postStart` waits for is there for the next one.
      await slot.begun
    }
    const codes = await Promise.all(running)
    if (this.#end.signal.aborted) return
    this.#phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
    for (const slot of this.#initSlots.toReversed()) await slot.stop(0)
    this.#report()
  }

  /** What a pod waits for may come later, such as a ConfigMap. */
  async #prepare(): Promise<void> {
    const { signal } = this.#end
    const { folder, sources, writeOwnFiles } = this.#host
    for (;;) {
      try {
        const pod = this.#standing()
        await mkdir(join(folder, 'etc'), { recursive: true })
        await writeOwnFiles(join(folder, 'etc'), pod, this.addresses)
        await makeVolumes(join(folder, 'volumes'), pod, sources)
        this.#message = undefined
        return
      } catch (error) {
        if (signal.aborted) return
        this.#message = reasonOf(error)
        this.#report()
        await setTimeout(retryMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  #slotOf(spec: V1Container, restartPolicy: string): ContainerSlot {
    const { folder, group, sources, enter, enterPod } = this.#host
    return new ContainerSlot({
      spec,
      restartPolicy,
      start: async () => {
        const pod = this.#standing()
        const env = await environmentOf(pod, spec, sources)
        return startContainer(pod, spec, { folder, enter: enterPod, group, env })
      },
      probe: (kind, container) => {
        const [address = ''] = this.addresses
        return probe(spec[kind] ?? {}, { pod: this.#spec, spec, container, address, enter })
      },
      onChange: () => this.#report(),
    })
  }

  /** The pod with what is known of it here. */
  #standing(): V1Pod {
    const { hostAddresses } = this.#host
    const status = podStatusOf(this.#spec, {
      phase: this.#phase,
      addresses: this.addresses,
      hostAddresses,
      initSlots: this.#initSlots ?? [],
      slots: this.#slots ?? [],
      isInitialized: this.#isInitialized,
      message: this.#message,
    })
    const { metadata, spec } = this.#spec
    return { ...(metadata ? { metadata } : {}), ...(spec ? { spec } : {}), status }
  }

  #report(): void {
    const { status } = this.#standing()
    if (status) this.#host.report(status)
  }
}
