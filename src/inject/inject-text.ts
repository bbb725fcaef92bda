import { stringify } from 'yaml'
import { type ObjectDocument, readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { splitDocuments } from '../documents/split-documents.ts'
import { injectObject } from './inject-object.ts'
import type { InjectionMesh } from './injection-mesh.ts'

export interface TextInput {
  readonly text: string
  /** For messages. */
  readonly file: string
  readonly mesh: InjectionMesh
  /** Of objects that name none. */
  readonly defaultNamespace: string
}

export interface TextOutcome {
  /** The file with agents in it; what makes no pods is as it was, comments and all. */
  readonly text: string
  /** With the objects that they are about. */
  readonly warnings: readonly string[]
  /** Objects that were left as they were although they make pods, and why. */
  readonly skipped: readonly string[]
  /** Then the text is worth nothing. */
  readonly faults: readonly string[]
}

/** Puts an agent into every pod that the objects of a file make. Never throws. */
export function injectText({ text, file, ...context }: TextInput): TextOutcome {
  const { documents, findings } = readDocuments(text, file)
  const faults = findings.filter(({ severity }) => severity === 'error').map(formatFinding)
  const warnings: string[] = []
  const skipped: string[] = []
  const inject = (document: ObjectDocument): unknown => {
    const outcome = injectObject(document, context)
    const about = `${file}:${document.line}`
    switch (outcome.kind) {
      case 'other':
        return undefined
      case 'skipped':
        skipped.push(`${about}: ${outcome.reason}`)
        return undefined
      case 'refused':
        faults.push(...outcome.faults.map((fault) => placed(fault, file, about)))
        return undefined
      case 'injected':
        warnings.push(...outcome.warnings.map((warning) => `${about}: ${warning}`))
        return outcome.object
    }
  }
  const chunks = splitDocuments(text)
  const parts = chunks.map((chunk, at) => {
    const end = chunks[at + 1]?.line ?? Number.POSITIVE_INFINITY
    const held = documents.filter(({ line }) => line >= chunk.line && line < end)
    const injected = held.map((document) => [document, inject(document)] as const)
    if (injected.every(([, object]) => object === undefined)) return chunk.text
    return injected.map(([{ value }, object]) => `---\n${format(object ?? value)}`).join('')
  })
  return { text: join(parts), warnings, skipped, faults }
}

/** Some faults know their own line. */
function placed(fault: string, file: string, about: string): string {
  return fault.startsWith(`${file}:`) ? fault : `${about}: ${fault}`
}

/** As readers of YAML 1.1 understand it, too, such as `kubectl`: «yes» is no boolean. */
function format(value: unknown): string {
  return stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 })
}

/** Each part begins a line. */
function join(parts: readonly string[]): string {
  return parts.map((part) => (part === '' || part.endsWith('\n') ? part : `${part}\n`)).join('')
}
