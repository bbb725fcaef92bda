import 'reflect-metadata'
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509'
import { type SpiffeId, tryParseSpiffeId } from '../rpc/spiffe-id.ts'

/** Whose certificate (DER) it is; nothing unless it has exactly one URI, and that is of a workload (SPIFFE X.509-SVID §2). */
export function readSpiffeId(der: Uint8Array): SpiffeId | undefined {
  const names = new X509Certificate(Buffer.from(der)).getExtension(SubjectAlternativeNameExtension)
  const uris = names?.names.items.filter(({ type }) => type === 'url') ?? []
  const [uri, ...more] = uris
  return uri && more.length === 0 ? tryParseSpiffeId(uri.value) : undefined
}
