import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../base/log.ts'
import { OneAtATime } from '../base/one-at-a-time.ts'
import type { Finding } from '../documents/finding.ts'
import type { CatalogChange, ServicesByHost } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { Source } from '../registry/source.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import type { ParseOptions } from '../translate/parse-object.ts'
import { type Translated, translate } from '../translate/translate.ts'
import type { TranslateOptions } from '../translate/translate-options.ts'
import { ConfigFiles } from './config-files.ts'
import { FindingReport } from './finding-report.ts'
import type { FilesOptions } from './options.ts'
import { PathWatch, type WatchPorts } from './path-watch.ts'

export interface FilesSourceOptions {
  /** Files and folders; where two objects are alike, the first counts. */
  readonly paths: readonly string[]
  readonly parse: ParseOptions
  readonly translate: TranslateOptions
  readonly files: FilesOptions
}

export interface FilesPorts extends WatchPorts {
  readonly log: Log
}

/** Reads the configuration of files and folders, and follows it from then on. */
export async function startFilesSource(
  options: FilesSourceOptions,
  ports: FilesPorts,
): Promise<FilesSource> {
  const source = new FilesSource(options, ports)
  await source.reload()
  return source
}

/**
 * Configuration from files and folders, followed while it runs.
 *
 * A bad object is refused whole, and its last good version stays in force. What a file lost is gone.
 */
export class FilesSource implements Source {
  readonly name = 'files'
  readonly #options: FilesSourceOptions
  readonly #ports: FilesPorts
  readonly #files: ConfigFiles
  readonly #report: FindingReport
  readonly #watch: PathWatch
  readonly #reading = new OneAtATime(() => this.#read())
  readonly #followers: ((change: CatalogChange) => void)[] = []
  readonly #services = new Map<Hostname, readonly Service[]>()
  #objects: readonly MeshObject[] = []
  #translated: Translated = { services: [], findings: [] }
  #findings: readonly Finding[] = []
  #stopped = false

  constructor(options: FilesSourceOptions, ports: FilesPorts) {
    const { paths, parse, files } = options
    const { sizeLimitOctets } = files
    this.#options = options
    this.#ports = ports
    this.#files = new ConfigFiles({ paths, parse, sizeLimitOctets, clock: ports.clock })
    this.#report = new FindingReport(ports.log, ports.health)
    this.#watch = new PathWatch(() => this.#readAgain(), ports, files)
  }

  services(): ServicesByHost {
    return this.#services
  }

  sidecars(): readonly Sidecar[] {
    return noSidecars
  }

  /** The checked objects of all kinds, in the order of files; the same array as long as nothing changed. */
  objects(): readonly MeshObject[] {
    return this.#objects
  }

  /** Everything that there is to say about the files as they are now. */
  findings(): readonly Finding[] {
    return this.#findings
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  reload(): Promise<void> {
    return this.#reading.run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watch.stop()
    await this.#reading.idle()
  }

  async #read(): Promise<void> {
    if (this.#stopped) return
    const changed = await this.#files.read()
    if (this.#stopped) return
    this.#watch.follow(this.#files.watched)
    if (!changed) return
    const objects = this.#files.objects
    const sameObjects = isSameList(objects, this.#objects)
    if (!sameObjects) this.#translated = translate(objects, this.#options.translate)
    this.#objects = objects
    const { services, findings } = this.#translated
    this.#findings = [...this.#files.findings, ...findings]
    this.#report.update(this.#findings)
    if (sameObjects) return
    this.#ports.log.info({ services: services.length }, 'configuration read')
    const hosts = this.#take(servicesByHost(services))
    for (const onChange of this.#followers) onChange({ hosts, sidecars: false })
  }

  #take(services: ServicesByHost): ReadonlySet<Hostname> {
    const hosts = new Set<Hostname>()
    for (const host of this.#services.keys()) {
      if (services.has(host)) continue
      this.#services.delete(host)
      hosts.add(host)
    }
    for (const [host, list] of services) {
      if (isDeepStrictEqual(this.#services.get(host), list)) continue
      this.#services.set(host, list)
      hosts.add(host)
    }
    return hosts
  }

  #readAgain(): void {
    this.reload().catch((error: unknown) => {
      this.#ports.log.error({ error }, 'configuration could not be read again')
    })
  }
}

const noSidecars: readonly Sidecar[] = []

function isSameList<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index])
}
