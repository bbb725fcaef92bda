import type { Health, HealthSpec } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { type Finding, formatFinding, isError, type Severity } from './finding.ts'

/** Findings that change together; other findings make another array. */
type Findings = readonly Finding[]

/** Tells log and health what is wrong with the configuration, each thing once. */
export class FindingReport {
  readonly #log: Log
  readonly #health: Health
  readonly #itemOf: (finding: Finding) => HealthSpec
  #reported: ReadonlySet<Findings> = new Set()
  /** How often each text is reported. */
  readonly #texts = new Map<string, number>()
  #troubled = new Map<string, HealthSpec>()

  /** `itemOf` says which health item an error is. */
  constructor(
    { log, health }: { readonly log: Log; readonly health: Health },
    itemOf: (finding: Finding) => HealthSpec,
  ) {
    this.#log = log
    this.#health = health
    this.#itemOf = itemOf
  }

  /** To be called with all findings that there are now. */
  update(all: readonly Findings[]): void {
    const before = this.#reported
    this.#reported = new Set(all)
    const added = [...this.#reported].filter((findings) => !before.has(findings))
    const gone = [...before].filter((findings) => !this.#reported.has(findings))
    for (const finding of added.flat()) if (this.#count(finding, 1) === 1) this.#write(finding)
    for (const finding of gone.flat()) this.#count(finding, -1)
    if (added.some((findings) => findings.some(isError)) || this.#troubled.size > 0) {
      this.#updateHealth(all.flatMap((findings) => findings.filter(isError)))
    }
  }

  #count(finding: Finding, more: number): number {
    const text = formatFinding(finding)
    const count = (this.#texts.get(text) ?? 0) + more
    if (count > 0) this.#texts.set(text, count)
    else this.#texts.delete(text)
    return count
  }

  #write(finding: Finding): void {
    const { severity, code, message, path, file, line, column, hint, object } = finding
    const place = line === 0 ? { file } : { file, line, column }
    const fields = { code, ...place, path, reason: message, hint }
    const named = object ? { object: `${object.kind} ${object.namespace}/${object.name}` } : {}
    this.#log[levels[severity]]({ ...fields, ...named }, texts[severity])
  }

  /** One item a file: the first error, and how many there are more. */
  #updateHealth(errors: readonly Finding[]): void {
    const byFile = Map.groupBy(errors, ({ file }) => file)
    const troubled = new Map<string, HealthSpec>()
    for (const [file, [first, ...others]] of byFile) {
      if (!first) continue
      const spec = this.#itemOf(first)
      troubled.set(file, spec)
      const [detail = ''] = formatFinding(first).split('\n')
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`
      this.#health.set(spec, `${detail}${more}`, file)
    }
    for (const [file, spec] of this.#troubled) {
      if (troubled.get(file) !== spec) this.#health.clear(spec, file)
    }
    this.#troubled = troubled
  }
}

const levels = { error: 'error', warning: 'warn', notice: 'info' } as const

const texts: Readonly<Record<Severity, string>> = {
  error: 'configuration refused',
  warning: 'configuration does something else than it seems to',
  notice: 'configuration not used',
}
