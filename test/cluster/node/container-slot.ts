import { setTimeout } from 'node:timers/promises'
import type { V1Container, V1ContainerState, V1ContainerStatus } from '@kubernetes/client-node'
import { reasonOf } from '../../../src/base/reason-of.ts'
import type { Container, ExitCode } from './container.ts'
import { followProbe, type ProbeKind } from './follow-probe.ts'

export interface SlotParts {
  readonly spec: V1Container
  /** When to start it again: a pod's `restartPolicy`, or a sidecar's own. */
  readonly restartPolicy: string
  readonly start: () => Promise<Container>
  /** Tries a probe of it once. */
  readonly probe: (kind: ProbeKind, container: Container) => Promise<boolean>
  /** Is told when its status is another. */
  readonly onChange: () => void
}

const longestPauseMs = 5_000

/** One container of a pod, however often it is started. */
export class ContainerSlot {
  readonly spec: V1Container
  readonly #parts: SlotParts
  readonly #end = new AbortController()
  readonly #started = Promise.withResolvers<void>()
  readonly #begun = Promise.withResolvers<void>()
  #waiting: { readonly reason: string; readonly message?: string } | undefined
  #restarts = 0
  #isStarted = false
  #isReady = false
  #starting: Promise<Container> | undefined
  container: Container | undefined

  constructor(parts: SlotParts) {
    this.#parts = parts
    this.spec = parts.spec
    this.#waiting = { reason: 'PodInitializing' }
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Resolves when it runs and its startup probe, if it has one, was a success; or when it is over. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  /** Resolves when it was begun, its `postStart` over, or could not be. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  /** Runs it until it is over for good. */
  async run(): Promise<ExitCode> {
    const { signal } = this.#end
    let code: ExitCode = 0
    while (!signal.aborted) {
      const container = await this.#begin()
      this.#begun.resolve()
      if (container) {
        code = await container.ended
        this.#isReady = false
        this.#isStarted = false
        if (signal.aborted || !this.#isToRunAgain(code)) break
      }
      this.#set({ reason: container ? 'CrashLoopBackOff' : 'CreateContainerConfigError' })
      const pauseMs = Math.min(100 * 2 ** this.#restarts, longestPauseMs)
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {})
      this.#restarts += 1
    }
    this.#waiting = undefined
    this.#started.resolve()
    this.#begun.resolve()
    this.#parts.onChange()
    return code
  }

  /** Asks it to end, and ends it after its time. */
  async stop(graceMs: number): Promise<void> {
    this.#end.abort()
    // One that is just being started has nobody else who ends it.
    await this.#starting?.then(({ made }) => made).catch(() => {})
    const { container, spec } = this
    if (!container?.isRunning) return
    const { exec } = spec.lifecycle?.preStop ?? {}
    if (exec) await container.exec(exec.command ?? [])
    container.signal('SIGTERM')
    const timer = new AbortController()
    const late = setTimeout(graceMs, undefined, { signal: timer.signal }).then(
      () => container.signal('SIGKILL'),
      () => {},
    )
    await container.ended
    timer.abort()
    await late
  }

  get status(): V1ContainerStatus {
    const { container, spec } = this
    const { image = '', name } = spec
    return {
      name,
      image,
      imageID: image,
      ready: this.#isReady,
      started: this.#isStarted,
      restartCount: this.#restarts,
      state: this.#state(),
      ...(container ? { containerID: `test://${container.startedAt}` } : {}),
    }
  }

  async #begin(): Promise<Container | undefined> {
    const { onChange, start } = this.#parts
    try {
      this.#starting = start()
      const container = await this.#starting
      this.container = container
      await container.made
      this.#waiting = undefined
      const { exec } = this.spec.lifecycle?.postStart ?? {}
      if (exec) await container.exec(exec.command ?? [])
      onChange()
      void this.#followProbes(container)
      return container
    } catch (error) {
      this.#set({ reason: 'CreateContainerConfigError', message: reasonOf(error) })
      return undefined
    }
  }

  async #followProbes(container: Container): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.spec
    const { signal } = this.#end
    const follow = (kind: ProbeKind, onOutcome: (passed: boolean) => void) => {
      const { [kind]: wanted = {} } = this.spec
      const once = () => this.#parts.probe(kind, container)
      return followProbe(wanted, { once, isOver: () => !container.isRunning, signal, onOutcome })
    }
    if (startupProbe) {
      const passed = await new Promise<boolean>((resolve) => {
        void follow('startupProbe', resolve).then(() => resolve(false))
      })
      if (!passed) return container.signal('SIGKILL')
    }
    if (!container.isRunning) return
    this.#isStarted = true
    this.#isReady = !readinessProbe
    this.#started.resolve()
    this.#parts.onChange()
    if (readinessProbe) {
      void follow('readinessProbe', (passed) => {
        this.#isReady = passed && container.isRunning
        this.#parts.onChange()
      })
    }
    if (livenessProbe) {
      void follow('livenessProbe', (passed) => {
        if (!passed) container.signal('SIGKILL')
      })
    }
  }

  #isToRunAgain(code: ExitCode): boolean {
    const { restartPolicy } = this.#parts
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && code !== 0)
  }

  #set(waiting: { readonly reason: string; readonly message?: string }): void {
    if (this.#waiting?.message === undefined || waiting.message !== undefined) {
      this.#waiting = waiting
    }
    this.#parts.onChange()
  }

  #state(): V1ContainerState {
    const { container } = this
    if (this.#waiting || !container) return { waiting: this.#waiting ?? {} }
    const { startedAt, exitCode, isRunning } = container
    if (isRunning) return { running: { startedAt: new Date(startedAt) } }
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const message = container.log.slice(-1_000)
    return { terminated: { exitCode: exitCode ?? 0, reason, message } }
  }
}
