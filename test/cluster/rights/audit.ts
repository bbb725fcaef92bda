import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Deed, type Right, rightFor } from './single-rights.ts'

/** What the API server notes of somebody's deeds (Kubernetes: audit.k8s.io/v1). */
export class Audit {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async begin(folder: string, user: string): Promise<Audit> {
    const policy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
    }
    await writeFile(join(folder, 'audit-policy.yaml'), JSON.stringify(policy))
    return new Audit(folder)
  }

  /** For the API server. */
  get words(): readonly string[] {
    return [
      `--audit-policy-file=${join(this.#folder, 'audit-policy.yaml')}`,
      `--audit-log-path=${this.#path}`,
    ]
  }

  /** All that was done, whether it was let or not. */
  async deeds(): Promise<readonly AuditedDeed[]> {
    return (await this.#events()).flatMap(readDeed)
  }

  /** Where a kind of object is watched now, once for each watch; empty for all namespaces. */
  async watches(resource: string): Promise<readonly string[]> {
    const open = new Map<string, string>()
    for (const { auditID, verb, stage, objectRef } of await this.#events()) {
      if (verb !== 'watch' || objectRef?.resource !== resource) continue
      if (stage === 'ResponseStarted') open.set(auditID, objectRef.namespace ?? '')
      else open.delete(auditID)
    }
    return [...open.values()].toSorted()
  }

  async #events(): Promise<readonly AuditEvent[]> {
    const lines = (await readFile(this.#path, 'utf8')).split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as AuditEvent)
  }

  get #path(): string {
    return join(this.#folder, 'audit.log')
  }
}

export interface AuditedDeed extends Deed {
  /** Empty for all of them. */
  readonly namespace: string
  readonly isAllowed: boolean
}

interface AuditEvent {
  readonly auditID: string
  readonly stage: string
  readonly verb: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly objectRef?: {
    readonly resource: string
    readonly apiGroup?: string
    readonly subresource?: string
    readonly namespace?: string
    readonly name?: string
  }
}

/** Pages of the API server that are no objects are everybody's. */
function readDeed({ verb, annotations = {}, objectRef }: AuditEvent): readonly AuditedDeed[] {
  if (!objectRef) return []
  const { resource, apiGroup: group = '', subresource: part, namespace = '', name } = objectRef
  const isAllowed = annotations['authorization.k8s.io/decision'] === 'allow'
  return [{ verb, group, resource, part, name, namespace, isAllowed }]
}

/** The right by which a deed was let: that to just this object, or to all of its kind. */
export function rightUsed(deed: Deed, granted: ReadonlySet<Right>): Right {
  const own = rightFor(deed)
  return granted.has(own) ? own : rightFor({ ...deed, name: undefined })
}
