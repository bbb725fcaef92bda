export type Severity = 'error' | 'warning' | 'notice'

/** The object that a finding is about, as far as it could be read. */
export interface ObjectReference {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * Something to say about a configuration file; plain data.
 *
 * Error: the object is refused. Warning: it is accepted, but does something else than it seems to.
 * Notice: nothing is wrong, but something was left out.
 */
export interface Finding {
  readonly severity: Severity
  /** `E1`…`E19`, `W1`…`W6`, or a word such as `YAML_SYNTAX`; never changes its meaning. */
  readonly code: string
  readonly message: string
  /** Inside the object, such as `spec.ports[1].name`; empty for the object as a whole. */
  readonly path: string
  readonly file: string
  /** Counted from 1, as the column; both are 0 where objects do not come from a text. */
  readonly line: number
  readonly column: number
  /** What to do about it. */
  readonly hint?: string
  readonly object?: ObjectReference
}

/** Whether the object that it is about is refused. */
export function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

/** For people: `FILE:LINE:COLUMN: error[CODE]: KIND NAMESPACE/NAME PATH: message`, then the hint on a line of its own. Where there are no lines, `FILE: …`. */
export function formatFinding(finding: Finding): string {
  const { severity, code, message, path, file, line, column, hint, object } = finding
  const subject = object ? `${object.kind} ${object.namespace}/${object.name}` : ''
  const about = [subject, path].filter((part) => part !== '').join(' ')
  const place = line === 0 ? file : `${file}:${line}:${column}`
  const head = `${place}: ${severity}[${code}]: ${about === '' ? '' : `${about}: `}${message}`
  return hint === undefined ? head : `${head}\n  hint: ${hint}`
}
