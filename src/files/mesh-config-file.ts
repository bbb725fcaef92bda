import { CodedError } from '../base/coded-error.ts'
import type { Log } from '../base/log.ts'
import type { Running } from '../base/scope.ts'
import {
  type ControlPlaneConfig,
  defaultControlPlaneConfig,
  readControlPlaneConfig,
} from '../config/control-plane-config.ts'
import { type Finding, formatFinding, isError } from '../documents/finding.ts'
import { FollowedPaths } from './followed-paths.ts'
import { meshConfigRefused } from './health.ts'
import type { PathWatchOptions, WatchPorts } from './path-watch.ts'
import { readTextFile } from './read-text-file.ts'

/** The file of the mesh cannot be used, so nobody knows what is to be started. */
export class MeshConfigRefusedError extends CodedError {
  override readonly code = 'MESH_CONFIG_REFUSED'

  constructor(findings: readonly Finding[]) {
    super(findings.map(formatFinding).join('\n'), {
      hint: 'Correct the file, or name another one with --mesh-config.',
    })
  }
}

export interface MeshConfigPorts extends WatchPorts {
  readonly log: Log
}

const sizeLimitOctets = 4 * 1024 * 1024

/**
 * Reads the file of a mesh (IstioOperator or MeshConfig) and follows it from then on; without a path
 * the defaults hold.
 * @throws {MeshConfigRefusedError} when it cannot be used.
 */
export async function startMeshConfigFile(
  path: string,
  ports: MeshConfigPorts,
  options: PathWatchOptions = {},
): Promise<MeshConfigFile> {
  const file = new MeshConfigFile(path, ports, options)
  await file.start()
  return file
}

/** What the file of a mesh says now; a version that cannot be used changes nothing. */
export class MeshConfigFile implements Running {
  readonly #path: string
  readonly #ports: MeshConfigPorts
  readonly #paths: FollowedPaths
  readonly #followers: ((config: ControlPlaneConfig) => void)[] = []
  #hash = ''
  #config = defaultControlPlaneConfig

  constructor(path: string, ports: MeshConfigPorts, options: PathWatchOptions) {
    this.#path = path
    this.#ports = ports
    this.#paths = new FollowedPaths(
      {
        paths: [path],
        read: () => this.#read(),
        failed: (error) => {
          ports.log.error({ file: path, error }, 'the file of the mesh could not be taken over')
        },
      },
      ports,
      options,
    )
  }

  current(): ControlPlaneConfig {
    return this.#config
  }

  /** Calls back after each change. */
  follow(onConfig: (config: ControlPlaneConfig) => void): void {
    this.#followers.push(onConfig)
  }

  /** @throws {MeshConfigRefusedError} when the file cannot be used. */
  async start(): Promise<void> {
    if (this.#path === '') return
    const faults = await this.#readOnce()
    if (faults.length === 0) return
    await this.stop()
    throw new MeshConfigRefusedError(faults)
  }

  /** Reads it again now; what did not change causes no call back. */
  reload(): Promise<void> {
    return this.#paths.reload()
  }

  stop(): Promise<void> {
    return this.#paths.stop()
  }

  async #read(): Promise<void> {
    if (this.#path === '') return
    const faults = await this.#readOnce()
    const [first] = faults
    const { health } = this.#ports
    if (first) health.set(meshConfigRefused, formatFinding(first).split('\n')[0] ?? '')
    else health.clear(meshConfigRefused)
  }

  /** What makes it unusable; nothing when it is in force. */
  async #readOnce(): Promise<readonly Finding[]> {
    await this.#paths.watch()
    const read = await readTextFile(this.#path, sizeLimitOctets)
    if (this.#paths.stopped) return []
    if (read.kind === 'refused') return [read.finding]
    if (read.hash === this.#hash || this.#isBeingWritten(read.text)) return []
    const { config, findings } = readControlPlaneConfig(read.text, this.#path)
    const faults = findings.filter(isError)
    if (!config || faults.length > 0) return faults
    this.#hash = read.hash
    this.#take(config, findings)
    return []
  }

  /** A program that writes over a file empties it first. */
  #isBeingWritten(text: string): boolean {
    return this.#hash !== '' && text.trim() === ''
  }

  #take(config: ControlPlaneConfig, findings: readonly Finding[]): void {
    const { log } = this.#ports
    const isFirst = this.#config === defaultControlPlaneConfig
    this.#config = config
    for (const { severity, code, message, file, line, column, hint } of findings) {
      const level = severity === 'warning' ? 'warn' : 'info'
      log[level]({ code, file, line, column, reason: message, hint }, 'about the mesh')
    }
    if (isFirst) return
    log.info({ file: this.#path }, 'the configuration of the mesh changed')
    for (const onConfig of this.#followers) onConfig(config)
  }
}
