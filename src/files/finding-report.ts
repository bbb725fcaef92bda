import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { type Finding, formatFinding, type Severity } from '../documents/finding.ts'
import { isError } from './file-finding.ts'
import { objectRefused, sourceUnreadable } from './health.ts'

/** Tells log and health what is wrong with the configuration, each thing once. */
export class FindingReport {
  readonly #log: Log
  readonly #health: Health
  #logged: ReadonlySet<string> = new Set()
  #troubled = new Map<string, typeof objectRefused>()

  constructor(log: Log, health: Health) {
    this.#log = log
    this.#health = health
  }

  /** To be called with all findings that there are now. */
  update(findings: readonly Finding[]): void {
    const texts = new Set<string>()
    for (const finding of findings) {
      const text = formatFinding(finding)
      if (!this.#logged.has(text) && !texts.has(text)) this.#write(finding)
      texts.add(text)
    }
    this.#logged = texts
    this.#updateHealth(findings.filter(isError))
  }

  #write(finding: Finding): void {
    const { severity, code, message, path, file, line, column, hint, object } = finding
    const fields = { code, file, line, column, path, reason: message, hint }
    const named = object ? { object: `${object.kind} ${object.namespace}/${object.name}` } : {}
    this.#log[levels[severity]]({ ...fields, ...named }, texts[severity])
  }

  /** One item a file: the first error, and how many there are more. */
  #updateHealth(errors: readonly Finding[]): void {
    const byFile = Map.groupBy(errors, ({ file }) => file)
    const troubled = new Map<string, typeof objectRefused>()
    for (const [file, [first, ...others]] of byFile) {
      if (!first) continue
      const spec = first.code.startsWith('FILE_') ? sourceUnreadable : objectRefused
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
