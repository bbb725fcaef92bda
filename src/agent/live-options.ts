import type { Log } from '../base/log.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { FollowedPaths } from '../files/followed-paths.ts'
import type { WatchPorts } from '../files/path-watch.ts'
import { agentOptionsRefused, agentRestartNeeded } from './health.ts'
import type { AgentOptions } from './options.ts'
import type { OptionFact } from './options-page.ts'

/** Where options come from, while they may still change. */
export interface OptionsSource {
  /** Files that they are read from; some may not exist. */
  readonly paths: readonly string[]
  /** @throws {CodedError} when they make no sense. */
  read(): AgentOptions
  /** Where each comes from, as they are read now. Slow. */
  describe?(): readonly OptionFact[]
}

/** What can change while the agent runs; everything else waits for a restart. */
export type LiveSettings = Pick<AgentOptions, 'captureEnabled' | 'logLevel'>

const live: ReadonlySet<string> = new Set<keyof LiveSettings>(['captureEnabled', 'logLevel'])

export interface LiveOptionsNeeds {
  /** What the agent was started with. */
  readonly running: AgentOptions
  readonly source: OptionsSource
  adjust(settings: LiveSettings): Promise<void>
}

interface LiveOptionsPorts extends WatchPorts {
  readonly log: Log
}

/** Follows the files that options come from; says what of a change waits for a restart. */
export class LiveOptions implements Running {
  readonly #needs: LiveOptionsNeeds
  readonly #ports: LiveOptionsPorts
  readonly #paths: FollowedPaths

  constructor(needs: LiveOptionsNeeds, ports: LiveOptionsPorts) {
    this.#needs = needs
    this.#ports = ports
    const failed = (error: unknown) => {
      ports.log.error({ error }, 'changed options could not be taken over')
    }
    const { paths } = needs.source
    this.#paths = new FollowedPaths({ paths, read: () => this.#read(), failed }, ports)
  }

  async start(): Promise<this> {
    await this.#paths.watch()
    return this
  }

  /** Reads everything again now. */
  reload(): Promise<void> {
    return this.#paths.reload()
  }

  stop(): Promise<void> {
    return this.#paths.stop()
  }

  async #read(): Promise<void> {
    await this.#paths.watch()
    if (this.#paths.stopped) return
    const { running, source } = this.#needs
    const { health } = this.#ports
    let wanted: AgentOptions
    try {
      wanted = source.read()
    } catch (error) {
      const [reason = ''] = reasonOf(error).split('\n')
      health.set(agentOptionsRefused, reason)
      return
    }
    health.clear(agentOptionsRefused)
    const waiting = changedOptions(running, wanted).filter((name) => !live.has(name))
    if (waiting.length > 0) health.set(agentRestartNeeded, waiting.join(', '))
    else health.clear(agentRestartNeeded)
    await this.#needs.adjust({ captureEnabled: wanted.captureEnabled, logLevel: wanted.logLevel })
  }
}

/** Names of the options that differ, such as `relay.drainMs`. */
export function changedOptions(before: unknown, after: unknown, name = ''): readonly string[] {
  if (!isPlainMap(before) || !isPlainMap(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [name]
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    changedOptions(before[key], after[key], name === '' ? key : `${name}.${key}`),
  )
}
