import { ownLabels } from '../../config/cluster-object-names.ts'
import { type PlainMap, textsOf } from '../../documents/plain-map.ts'
import { metadataOf } from './object.ts'

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
    labels['app.kubernetes.io/part-of'] === 'istio' ||
    labels['app'] === 'istiod'
  if (isIstios) return 'Istio'
  return labels['app.kubernetes.io/managed-by'] ?? 'somebody else'
}
