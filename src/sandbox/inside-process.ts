import type { ChildProcess } from 'node:child_process'
import dgram from 'node:dgram'
import net from 'node:net'
import { CodedError } from '../base/coded-error.ts'
import type { Log } from '../base/log.ts'
import type { CommandEnd, FromInside, InsidePlan, ToInside } from './message.ts'
import type { SandboxSockets } from './run-in-sandbox.ts'

/** The namespace was made, but could not be made ready. Nothing is left of it. */
export class SandboxSetupError extends CodedError {
  override readonly code = 'SANDBOX_SETUP'

  constructor(purpose: string, words: string) {
    super(`could not ${purpose} in the private network: ${words}`, {
      hint: 'Are nftables (or iptables) and iproute2 installed, and does the kernel support them?',
    })
  }
}

/** The parent's side of the process inside the namespaces. */
export class InsideProcess {
  readonly #child: ChildProcess
  readonly #log: Log
  readonly #udp: dgram.Socket[] = []
  readonly #dns: net.Server[] = []
  readonly #relay: net.Server[] = []
  readonly #hello = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<CommandEnd>()
  readonly #gone = Promise.withResolvers<void>()

  constructor(child: ChildProcess, log: Log) {
    this.#child = child
    this.#log = log
    for (const step of [this.#hello, this.#ready, this.#ended]) step.promise.catch(() => {})
    child.on('message', (message: FromInside, handle) => this.#receive(message, handle))
    child.on('error', (error) => this.#fail('start the process inside', error.message))
    child.on('exit', (code, signal) => {
      this.#fail('keep the process inside', `it ended early (${signal ?? code})`)
      this.#gone.resolve()
    })
  }

  /**
   * Has the namespace set up; the sockets are the caller's to close.
   * @throws {SandboxSetupError} when a step fails.
   */
  async prepare(plan: InsidePlan): Promise<SandboxSockets> {
    await this.#hello.promise
    this.#tell({ kind: 'plan', plan })
    await this.#ready.promise
    return { udp: this.#udp, dns: this.#dns, relay: this.#relay }
  }

  /**
   * Runs the command to its end.
   * @throws {SandboxSetupError} when it cannot be started.
   */
  async run(): Promise<CommandEnd> {
    this.#tell({ kind: 'go' })
    return this.#ended.promise
  }

  signal(signal: NodeJS.Signals): void {
    this.#tell({ kind: 'signal', signal })
  }

  /** Ends the process inside, and with it the command; returns when it is gone. */
  async leave(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    if (this.#child.pid !== undefined) await this.#gone.promise
  }

  #tell(message: ToInside): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  #receive(message: FromInside, handle: unknown): void {
    switch (message.kind) {
      case 'hello':
        this.#hello.resolve()
        return
      case 'socket':
        if (handle instanceof dgram.Socket) this.#udp.push(handle)
        else if (handle instanceof net.Server) {
          ;(message.role === 'dns' ? this.#dns : this.#relay).push(handle)
        }
        return
      case 'skipped':
        this.#log.warn({ reason: message.words, name: message.purpose }, 'sandbox does without')
        return
      case 'ready':
        this.#ready.resolve()
        return
      case 'failed':
        this.#fail(message.purpose, message.words)
        return
      case 'ended':
        this.#ended.resolve(message.end)
    }
  }

  #fail(purpose: string, words: string): void {
    const error = new SandboxSetupError(purpose, words)
    for (const step of [this.#hello, this.#ready, this.#ended]) step.reject(error)
  }
}
