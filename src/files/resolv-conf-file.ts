import { readFile } from 'node:fs/promises'
import type { Log } from '../base/log.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { parseResolvConf, type ResolvConf } from '../config/resolv-conf.ts'
import { formatSocketAddress } from '../ip/socket-address.ts'
import { FollowedPaths } from './followed-paths.ts'
import { resolvConfUnreadable } from './health.ts'
import type { PathWatchOptions, WatchPorts } from './path-watch.ts'

export interface ResolvConfPorts extends WatchPorts {
  readonly log: Log
}

/** Reads a resolv.conf and follows it, through links as well, from then on. */
export async function startResolvConfFile(
  path: string,
  ports: ResolvConfPorts,
  options: PathWatchOptions = {},
): Promise<ResolvConfFile> {
  const file = new ResolvConfFile(path, ports, options)
  await file.reload()
  return file
}

/**
 * What resolv.conf says now.
 *
 * When it cannot be read, what was read last stays in force; when it never could be, an empty file
 * is assumed.
 */
export class ResolvConfFile implements Running {
  readonly #path: string
  readonly #ports: ResolvConfPorts
  readonly #paths: FollowedPaths
  readonly #followers: ((conf: ResolvConf) => void)[] = []
  #text: string | undefined
  #conf = parseResolvConf('')

  constructor(path: string, ports: ResolvConfPorts, options: PathWatchOptions) {
    this.#path = path
    this.#ports = ports
    this.#paths = new FollowedPaths(
      {
        paths: [path],
        read: () => this.#read(),
        failed: (error) => {
          ports.log.error({ file: path, error }, 'resolv.conf could not be taken over')
        },
      },
      ports,
      options,
    )
  }

  current(): ResolvConf {
    return this.#conf
  }

  /** Calls back with what is in force now, before it returns, and again after each change. */
  follow(onConf: (conf: ResolvConf) => void): void {
    this.#followers.push(onConf)
    onConf(this.#conf)
  }

  /** Reads it again now; what did not change causes no call back. */
  reload(): Promise<void> {
    return this.#paths.reload()
  }

  stop(): Promise<void> {
    return this.#paths.stop()
  }

  async #read(): Promise<void> {
    await this.#paths.watch()
    const text = await this.#readText()
    if (this.#paths.stopped) return
    if (text !== undefined && text !== this.#text) this.#take(text)
  }

  async #readText(): Promise<string | undefined> {
    const { health, log } = this.#ports
    try {
      const text = await readFile(this.#path, 'utf8')
      health.clear(resolvConfUnreadable)
      return text
    } catch (error) {
      log.debug({ file: this.#path, error }, 'resolv.conf could not be read')
      health.set(resolvConfUnreadable, reasonOf(error))
      return undefined
    }
  }

  #take(text: string): void {
    this.#text = text
    this.#conf = parseResolvConf(text)
    const servers = this.#conf.nameservers.map(formatSocketAddress)
    this.#ports.log.info({ file: this.#path, servers }, 'resolv.conf read')
    for (const { line, text: reason } of this.#conf.ignored) {
      this.#ports.log.warn({ file: this.#path, line, reason }, 'line of resolv.conf ignored')
    }
    for (const onConf of this.#followers) onConf(this.#conf)
  }
}
