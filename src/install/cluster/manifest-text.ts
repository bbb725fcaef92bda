import { stringify } from 'yaml'
import type { ClusterObject } from './object.ts'

/** As `kubectl apply -f -` reads them. */
export function manifestText(objects: readonly ClusterObject[]): string {
  return objects.map((object) => `---\n${objectText(object)}`).join('')
}

export function objectText(object: unknown): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
}
