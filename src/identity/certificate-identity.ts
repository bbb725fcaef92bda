import { X509Certificate } from 'node:crypto'
import { type SpiffeId, tryParseSpiffeId } from '../rpc/spiffe-id.ts'

/** Whose certificate (DER) it is; nothing unless it has exactly one URI, and that is of a workload (SPIFFE X.509-SVID §2). */
export function readSpiffeId(der: Uint8Array): SpiffeId | undefined {
  const { subjectAltName = '' } = new X509Certificate(der)
  // Node quotes a name that could be taken for several; no workload has such a one.
  if (subjectAltName.includes('"')) return undefined
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'))
  const [uri, ...more] = uris
  return uri && more.length === 0 ? tryParseSpiffeId(uri.slice('URI:'.length)) : undefined
}
