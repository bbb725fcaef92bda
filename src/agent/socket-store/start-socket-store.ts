import { once } from 'node:events'
import { closeSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { CodedError } from '../../base/coded-error.ts'
import type { Log } from '../../base/log.ts'
import { makeFolder } from '../../base/make-folder.ts'
import type { Running } from '../../base/scope.ts'
import { DescriptorPost } from '../../sys/descriptor-post.ts'
import { followLines } from './follow-lines.ts'
import { HeldSockets } from './held-sockets.ts'
import { Patience } from './patience.ts'
import {
  maxRequestOctets,
  readRequest,
  type StoreReply,
  type StoreRequest,
} from './store-messages.ts'
import { storePaths } from './store-paths.ts'

/** A store of sockets cannot be reached where it should be. */
export class SocketStoreFolderError extends CodedError {
  override readonly code = 'AGENT_SOCKET_STORE_FOLDER'

  constructor(folder: string, cause: unknown) {
    super(`cannot listen in ${folder}`, {
      cause,
      hint: 'Name another folder with --folder: one that this user may make, or that is its own.',
    })
  }
}

export interface SocketStoreOptions {
  /** Where it meets the agent; it is made, for its own user alone. */
  readonly folder: string
  /** How long pods wait for an agent that serves them. */
  readonly patienceMs: number
  /** The nftables table, of family inet, that is taken out of pods that have waited too long. */
  readonly table: string
}

const maxPods = 1_000
/** For an agent that is stopped at the same time; within the 30 seconds that Kubernetes gives both of them. */
const stopPatienceMs = 25_000
/** The agent, one that comes after it, and somebody who looks. */
const maxConnections = 4

/**
 * Holds copies of the sockets in pods while the node agent is away: what arrives meanwhile waits in them for the
 * next agent. When none serves for too long, the pods are let go.
 * @throws {SocketStoreFolderError} when the folder is no use.
 */
export async function startSocketStore(
  options: SocketStoreOptions,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<Running> {
  const { control, store } = storePaths(options.folder)
  let post: DescriptorPost | undefined
  try {
    await makeFolder(options.folder, 0o700)
    rmSync(control, { force: true })
    post = DescriptorPost.open(store)
    const keeper = new SocketStore(post, options, ports)
    const server = createServer((socket) => keeper.admit(socket))
    server.maxConnections = maxConnections
    server.listen(control)
    await once(server, 'listening')
    return {
      async stop() {
        server.close()
        await keeper.stop()
      },
    }
  } catch (cause) {
    post?.close()
    throw new SocketStoreFolderError(options.folder, cause)
  }
}

class SocketStore {
  readonly #post: DescriptorPost
  readonly #options: SocketStoreOptions
  readonly #log: Log
  readonly #clock: Clock
  readonly #held = new HeldSockets()
  readonly #patience: Patience
  readonly #connections = new Set<Socket>()
  /** Connections of agents that serve. */
  readonly #serving = new Set<Socket>()
  #onLeft = () => {}

  constructor(
    post: DescriptorPost,
    options: SocketStoreOptions,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#post = post
    this.#options = options
    this.#log = log
    this.#clock = clock
    this.#patience = new Patience(options.patienceMs, clock, () =>
      this.#letGo('nobody serves them'),
    )
  }

  admit(socket: Socket): void {
    this.#connections.add(socket)
    followLines(socket, maxRequestOctets, (line) => {
      const request = readRequest(line)
      if (request) socket.write(`${JSON.stringify(this.#answer(request, socket))}\n`)
      else socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#connections.delete(socket)
      if (!this.#serving.delete(socket) || this.#serving.size > 0) return
      this.#onLeft()
      if (this.#held.size === 0) return this.#patience.forgive()
      this.#log.warn({ count: this.#held.size }, 'pods wait for an agent')
      this.#patience.end()
    })
  }

  /** An agent that serves may be letting pods go, one by one; whom nobody serves then is let go: no agent may come after this. */
  async stop(): Promise<void> {
    if (this.#serving.size > 0) await this.#left()
    if (this.#serving.size === 0) this.#letGo('the store is stopped')
    this.#patience.forgive()
    for (const socket of this.#connections) socket.destroy()
    for (const key of this.#held.keys()) this.#held.drop(key)
    this.#post.close()
  }

  /** Resolves when no agent serves any more, or that takes too long. */
  async #left(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onLeft = resolve
    const cancel = this.#clock.after(stopPatienceMs, resolve)
    await promise
    cancel()
  }

  #answer(request: StoreRequest, socket: Socket): StoreReply {
    switch (request.do) {
      case 'list':
        return { keys: this.#held.keys() }
      case 'serving':
        this.#begin(socket)
        return {}
      case 'take':
        return this.#give(request.key)
      case 'drop':
        this.#held.drop(request.key)
        return {}
      case 'hold': {
        const fault = this.#hold(request)
        // Who opens a pod is at work.
        if (fault === undefined) this.#begin(socket)
        return fault === undefined ? {} : { fault }
      }
    }
  }

  #begin(socket: Socket): void {
    if (this.#serving.size === 0) this.#log.info({ count: this.#held.size }, 'an agent serves')
    this.#serving.add(socket)
    this.#patience.begin()
  }

  #give(key: string): StoreReply {
    const holding = this.#held.get(key)
    if (!holding) return { fault: 'not held' }
    const { agent } = storePaths(this.#options.folder)
    const isSent = this.#post.send(agent, { label: key, fds: holding.fds })
    return isSent ? { note: holding.note } : { fault: 'not received' }
  }

  #hold({ key, pod, note }: Extract<StoreRequest, { do: 'hold' }>): string | undefined {
    const fds = this.#received(key)
    if (!fds) return 'nothing came by post'
    if (this.#held.size >= maxPods && !this.#held.get(key)) {
      closeAll(fds)
      return 'too many pods'
    }
    this.#held.hold(key, { pod, note, fds })
    return undefined
  }

  /** What came under the label; anything else that waits was never asked to be held. */
  #received(label: string): readonly number[] | undefined {
    for (let parcel = this.#post.receive(); parcel; parcel = this.#post.receive()) {
      if (parcel.label === label && parcel.fds.length > 0) return parcel.fds
      closeAll(parcel.fds)
    }
    return undefined
  }

  #letGo(reason: string): void {
    this.#held.letGo(this.#options.table, (pod, deletion) => {
      if (deletion === 'deleted')
        this.#log.error({ pod, reason }, 'a pod is let go: it resolves as without us')
      else this.#log.error({ pod, reason }, 'a pod is let go, but its rules may be left')
    })
    // Who has begun with them has to bring them again.
    for (const socket of this.#connections) if (!this.#serving.has(socket)) socket.destroy()
  }
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd)
}
