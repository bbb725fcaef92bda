import { existsSync, type FSWatcher, watch } from 'node:fs'
import { basename, join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { watchUnavailable } from './health.ts'
import { type PlannedWatch, planWatches } from './watch-plan.ts'

export interface PathWatchOptions {
  /** Quiet time after a change before anybody hears of it, so that writing can end; renames need none. Default 50. */
  readonly settleMs?: number
  /** How often to look without being told, for what no event tells. Default 5,000. */
  readonly pollMs?: number
}

/** What it takes to follow files. */
export interface WatchPorts {
  readonly clock: Clock
  readonly health: Health
}

/** A change is reported after this many settle times even when writing does not end. */
const maxSettles = 10

/** Quiet time after something was put in its place by a rename, which is whole at once, in milliseconds. */
const wholeSettleMs = 2

/** Hears of paths that may have changed; without any, everything may have. */
export type OnHint = (changed: ReadonlySet<string> | undefined) => void

/** How often to look when the kernel cannot tell us of changes, in milliseconds. */
const blindPollMs = 1_000

interface Watched {
  readonly watcher: FSWatcher
  plan: PlannedWatch
}

/** Says that some of the paths may have changed; what changed the caller finds out. */
export class PathWatch implements Running {
  readonly #onHint: OnHint
  readonly #ports: WatchPorts
  readonly #settleMs: number
  readonly #pollMs: number
  #paths: readonly string[] = []
  readonly #watched = new Map<string, Watched>()
  /** When the first change was heard of that was not reported. */
  #since: number | undefined
  /** What is being written, so that nobody should read it yet; and when that was heard of last. */
  readonly #writing = new Set<string>()
  #writtenAt = 0
  /** Everything that something was heard of since the last report. */
  readonly #heardOf = new Set<string>()
  /** What changed since the last report; `undefined` when it may be anything. */
  #changed: Set<string> | undefined = new Set()
  #cancelHint = () => {}
  #cancelPoll = () => {}
  #stopped = false

  /** `onHint` is called after a quiet time, from a timer, and after each slow look. */
  constructor(onHint: OnHint, ports: WatchPorts, options: PathWatchOptions = {}) {
    this.#onHint = onHint
    this.#ports = ports
    this.#settleMs = options.settleMs ?? 50
    this.#pollMs = options.pollMs ?? 5_000
  }

  /**
   * Follows these paths from now on, and no others. Whatever is watched for the first time causes a
   * hint, because it may have changed since the caller looked.
   */
  follow(paths: Iterable<string>): void {
    this.#paths = [...paths]
    if (this.#refresh()) this.#hint({ isWhole: false })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelHint()
    this.#cancelPoll()
    for (const path of this.#watched.keys()) this.#close(path)
    this.#ports.health.clear(watchUnavailable)
  }

  /** Brings the watches in line with what exists now; whether any is new. */
  #refresh(): boolean {
    if (this.#stopped) return false
    const plan = planWatches(this.#paths)
    for (const [path, watched] of this.#watched) {
      const planned = plan.get(path)
      if (planned?.identity === watched.plan.identity) watched.plan = planned
      else this.#close(path)
    }
    const missing = [...plan].filter(([path]) => !this.#watched.has(path))
    const outcomes = missing.map(([path, planned]) => this.#open(path, planned))
    const failure = outcomes.find((outcome) => outcome !== undefined)
    if (failure === undefined) this.#ports.health.clear(watchUnavailable)
    else this.#ports.health.set(watchUnavailable, failure)
    this.#schedulePoll(failure === undefined ? this.#pollMs : Math.min(this.#pollMs, blindPollMs))
    return outcomes.includes(undefined)
  }

  /** What went wrong, in words. */
  #open(path: string, plan: PlannedWatch): string | undefined {
    try {
      const watcher = watch(path)
      const watched: Watched = { watcher, plan }
      watcher.on('change', (event, name) => this.#heard(path, event, name))
      watcher.on('error', () => this.#heard(path, 'rename', basename(path)))
      this.#watched.set(path, watched)
      return undefined
    } catch (error) {
      return `${path}: ${reasonOf(error)}`
    }
  }

  #heard(path: string, event: string, name: string | Buffer | null): void {
    const names = this.#watched.get(path)?.plan.names
    // Events of the watched thing itself carry its own name: it is gone, perhaps replaced already.
    const isOwn = name === null || name === basename(path)
    if (isOwn && event === 'rename') this.#close(path)
    if (!isOwn && names && !names.has(String(name))) return
    const changed = isOwn ? path : join(path, String(name))
    this.#hint({ changed, isWhole: !isOwn && event === 'rename' && this.#isWhole(changed) })
  }

  /**
   * Whether something that came or went is as it is going to be: put in its place by a rename, or
   * made just before and renamed away. What was only removed may be written anew at once.
   */
  #isWhole(path: string): boolean {
    return this.#heardOf.has(path) || existsSync(path)
  }

  #close(path: string): void {
    this.#watched.get(path)?.watcher.close()
    this.#watched.delete(path)
  }

  #hint({ changed, isWhole }: { readonly changed?: string; readonly isWhole: boolean }): void {
    if (changed === undefined) this.#changed = undefined
    else this.#changed?.add(changed)
    if (this.#stopped) return
    const now = this.#ports.clock.now()
    this.#since ??= now
    if (changed !== undefined) this.#heardOf.add(changed)
    if (isWhole) this.#writing.delete(changed ?? '')
    else {
      this.#writing.add(changed ?? '')
      this.#writtenAt = now
    }
    const wholeAt = now + Math.min(this.#settleMs, wholeSettleMs)
    const writtenAt = this.#writing.size > 0 ? this.#writtenAt + this.#settleMs : 0
    const latest = this.#since + maxSettles * this.#settleMs
    const delayMs = Math.max(0, Math.min(latest, Math.max(wholeAt, writtenAt)) - now)
    this.#cancelHint()
    this.#cancelHint = this.#ports.clock.after(delayMs, () => this.#report())
  }

  #schedulePoll(delayMs: number): void {
    this.#cancelPoll()
    this.#cancelPoll = this.#ports.clock.after(delayMs, () => {
      this.#changed = undefined
      this.#report()
    })
  }

  #report(): void {
    this.#since = undefined
    this.#writing.clear()
    this.#heardOf.clear()
    this.#cancelHint()
    const isNew = this.#refresh()
    const changed = isNew ? undefined : this.#changed
    this.#changed = new Set()
    this.#onHint(changed)
  }
}
