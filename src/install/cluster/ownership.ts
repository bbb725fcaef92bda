import type { PlainMap } from '../../documents/plain-map.ts'
import { metadataOf, textsOf } from './object.ts'

const partOf = 'app.kubernetes.io/part-of'
const managedBy = 'app.kubernetes.io/managed-by'

/** What tells objects of ours from those of others. */
export const ownLabels: Readonly<Record<string, string>> = {
  [managedBy]: 'meshdns',
  [partOf]: 'meshdns',
}

/** Whether `meshdns` made it, whichever way. */
export function isOwn(object: PlainMap): boolean {
  const labels = textsOf(metadataOf(object)['labels'])
  return Object.entries(ownLabels).every(([key, value]) => labels[key] === value)
}

/** Whose it is, for people, where it says so. */
export function ownerOf(object: PlainMap): string {
  const metadata = metadataOf(object)
  const labels = textsOf(metadata['labels'])
  const release = textsOf(metadata['annotations'])['meta.helm.sh/release-name']
  if (release !== undefined) return `the Helm release ${release}`
  const isIstios =
    labels['operator.istio.io/component'] !== undefined ||
    labels[partOf] === 'istio' ||
    labels['app'] === 'istiod'
  if (isIstios) return 'Istio'
  return labels[managedBy] ?? 'somebody else'
}
