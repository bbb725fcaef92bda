import { CodedError } from '../../../base/coded-error.ts'
import { isPlainMap, mapsAt, type PlainMap } from '../../../documents/plain-map.ts'

/** A definition that somebody else made lacks something that we need. */
export class DefinitionTooOldError extends CodedError {
  override readonly code = 'INSTALL_DEFINITION_TOO_OLD'

  constructor(name: string, lack: string) {
    super(`the definition ${name} is of somebody else, and ${lack}`, {
      hint: 'Bring it up to date the way it came, such as with `istioctl upgrade` or the Helm chart istio/base; meshdns replaces none.',
    })
  }
}

/** What a definition of others lacks, compared with ours; empty when it will do. */
export function lackOf(own: PlainMap, foreign: PlainMap): string {
  const wanted = versionsOf(own).map(({ name }) => name)
  const served = versionsOf(foreign).filter(({ name, served }) => served && wanted.includes(name))
  if (served.length === 0) return `serves none of ${wanted.join(', ')}`
  const blind = served.filter(({ hasStatus }) => !hasStatus).map(({ name }) => name)
  return blind.length > 0 ? `has no subresource status in ${blind.join(', ')}` : ''
}

interface Version {
  readonly name: string
  readonly served: boolean
  readonly hasStatus: boolean
}

function versionsOf({ spec }: PlainMap): readonly Version[] {
  return mapsAt(spec, 'versions').map(({ name, served, subresources }) => {
    const hasStatus = isPlainMap(subresources) && subresources['status'] !== undefined
    return { name: String(name), served: served === true, hasStatus }
  })
}
