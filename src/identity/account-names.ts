/** RFC 1123 label, as Kubernetes demands of a namespace. */
export function isNamespaceName(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}

/** RFC 1123 subdomain, as Kubernetes demands of a service account. */
export function isServiceAccountName(text: string): boolean {
  return text.length <= 253 && text.split('.').every(isNamespaceName)
}
