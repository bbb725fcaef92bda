import { OneAtATime } from '../base/one-at-a-time.ts'
import type { Running } from '../base/scope.ts'
import { linkedPaths } from './linked-paths.ts'
import { PathWatch, type PathWatchOptions, type WatchPorts } from './path-watch.ts'

export interface FollowedPathsNeeds {
  readonly paths: readonly string[]
  /** Never called twice at a time. */
  read(): Promise<void>
  /** What becomes of an error of `read` when nobody asked for it. */
  readonly failed: (error: unknown) => void
}

/** Has something read again when a file changes that it is read from, through links as well. */
export class FollowedPaths implements Running {
  readonly #paths: readonly string[]
  readonly #watch: PathWatch
  readonly #reading: OneAtATime
  #stopped = false

  constructor(needs: FollowedPathsNeeds, ports: WatchPorts, options: PathWatchOptions = {}) {
    this.#paths = needs.paths
    this.#reading = new OneAtATime(() => needs.read())
    this.#watch = new PathWatch(() => void this.reload().catch(needs.failed), ports, options)
  }

  /** Nothing may be taken over any more. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** To be called before each reading: links may lead elsewhere now. */
  async watch(): Promise<void> {
    const paths = await Promise.all(this.#paths.map(linkedPaths))
    if (!this.#stopped) this.#watch.follow(new Set(paths.flat()))
  }

  /** Reads now. */
  reload(): Promise<void> {
    return this.#reading.run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watch.stop()
    await this.#reading.idle()
  }
}
