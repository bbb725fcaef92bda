import type { Log } from '../base/log.ts'
import { OneAtATime } from '../base/one-at-a-time.ts'
import type { Finding } from '../documents/finding.ts'
import { FindingReport } from '../documents/finding-report.ts'
import type { CatalogChange, ServicesByHost } from '../registry/catalog.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { Source } from '../registry/source.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { ObjectDeclarations } from '../translate/object-declarations.ts'
import type { ParseOptions } from '../translate/parse-object.ts'
import type { TranslateOptions } from '../translate/translate-options.ts'
import { UniqueObjects } from '../translate/unique-objects.ts'
import { ConfigFiles } from './config-files.ts'
import { objectRefused, sourceUnreadable } from './health.ts'
import type { FilesOptions } from './options.ts'
import { PathWatch, type WatchPorts } from './path-watch.ts'

export interface FilesSourceOptions {
  /** Files and folders; where two objects are alike, the first counts. */
  readonly paths: readonly string[]
  /** Folders among them about which nothing is said while they are empty. */
  readonly mayBeEmpty?: readonly string[]
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
  readonly #ports: FilesPorts
  readonly #files: ConfigFiles
  readonly #report: FindingReport
  readonly #watch: PathWatch
  readonly #reading = new OneAtATime(() => this.#read())
  readonly #objects = new UniqueObjects()
  readonly #declarations: ObjectDeclarations
  /** Where to look in the next reading; `undefined` when it must be everywhere. */
  #hinted: Set<string> | undefined
  #stopped = false

  constructor(options: FilesSourceOptions, ports: FilesPorts) {
    const { paths, mayBeEmpty = [], parse, files } = options
    const { sizeLimitOctets } = files
    this.#ports = ports
    this.#files = new ConfigFiles({ paths, mayBeEmpty, parse, sizeLimitOctets, clock: ports.clock })
    this.#report = new FindingReport(ports, ({ code }) =>
      code.startsWith('FILE_') ? sourceUnreadable : objectRefused,
    )
    this.#watch = new PathWatch((changed) => this.#readAgain(changed), ports, files)
    this.#declarations = new ObjectDeclarations(options.translate)
  }

  services(): ServicesByHost {
    return this.#declarations.services()
  }

  sidecars(): readonly Sidecar[] {
    return this.#declarations.sidecars()
  }

  /** The checked objects in force, in the order of files; the same array as long as nothing changed. */
  objects(): readonly MeshObject[] {
    return this.#objects.objects()
  }

  /** Everything that there is to say about the files as they are now. */
  findings(): readonly Finding[] {
    return this.#allFindings().flat()
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#declarations.follow(onChange)
  }

  /** Has the objects that there are mean something else from now on. */
  translateAs(options: TranslateOptions): void {
    const change = this.#declarations.translateAs(options)
    this.#report.update(this.#allFindings())
    if (change.hosts.size > 0) this.#declarations.tell(change)
  }

  reload(): Promise<void> {
    this.#hinted = undefined
    return this.#reading.run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watch.stop()
    await this.#reading.idle()
  }

  async #read(): Promise<void> {
    if (this.#stopped) return
    const hinted = this.#hinted
    this.#hinted = new Set()
    const isOther = await this.#files.read(hinted)
    if (this.#stopped) return
    this.#watch.follow(this.#files.watched)
    if (!isOther) return
    const change = this.#objects.update(this.#files.groups)
    const changed = this.#declarations.update(change, () => this.objects())
    this.#report.update(this.#allFindings())
    if (change.gone.length + change.come.length === 0) return
    const { size: services } = this.services()
    this.#ports.log.info({ services, count: changed.hosts.size }, 'configuration read')
    this.#declarations.tell(changed)
  }

  #allFindings(): readonly (readonly Finding[])[] {
    return [...this.#files.findings, this.#objects.findings(), this.#declarations.findings()]
  }

  #readAgain(changed: ReadonlySet<string> | undefined): void {
    if (changed === undefined) this.#hinted = undefined
    else for (const path of changed) this.#hinted?.add(path)
    this.#reading.run().catch((error: unknown) => {
      this.#ports.log.error({ error }, 'configuration could not be read again')
    })
  }
}
