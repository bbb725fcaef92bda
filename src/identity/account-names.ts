/** RFC 1123 label, as Kubernetes demands of a namespace. */
export function isNamespaceName(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}

/** RFC 1123 subdomain, as Kubernetes demands of a service account. */
export function isServiceAccountName(text: string): boolean {
  return text.length <= 253 && text.split('.').every(isNamespaceName)
}

/** A service account and its namespace. */
export interface Account {
  readonly namespace: string
  readonly serviceAccount: string
}

/** Reads the subject of a service account's token. */
export function tryParseAccount(subject: string): Account | undefined {
  const [, namespace = '', serviceAccount = ''] =
    /^system:serviceaccount:([^:]*):([^:]*)$/.exec(subject) ?? []
  const isGood = isNamespaceName(namespace) && isServiceAccountName(serviceAccount)
  return isGood ? { namespace, serviceAccount } : undefined
}
