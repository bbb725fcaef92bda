/** Who a workload is (SPIFFE ID, as Istio writes it: `spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT`). */
export interface SpiffeId {
  readonly trustDomain: string
  readonly namespace: string
  readonly serviceAccount: string
}

export function formatSpiffeId({ trustDomain, namespace, serviceAccount }: SpiffeId): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`
}

export function tryParseSpiffeId(text: string): SpiffeId | undefined {
  const parts = /^spiffe:\/\/([a-z0-9._-]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text)
  if (!parts) return undefined
  const [, trustDomain = '', namespace = '', serviceAccount = ''] = parts
  return { trustDomain, namespace, serviceAccount }
}
