/** What a test says of a ServiceEntry. */
export interface EntryFields {
  readonly name: string
  readonly hosts: readonly string[]
  readonly namespace?: string
  readonly addresses?: readonly string[]
}

/** The YAML of a ServiceEntry with resolution STATIC, TCP port 80 and one endpoint. */
export function entryYaml({ name, hosts, namespace, addresses }: EntryFields): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}${namespace === undefined ? '' : `\n  namespace: ${namespace}`}
spec:
  hosts: ${JSON.stringify(hosts)}${addresses ? `\n  addresses: ${JSON.stringify(addresses)}` : ''}
  ports:
  - number: 80
    name: http
    protocol: HTTP
  resolution: STATIC
  endpoints:
  - address: 198.51.100.1
`
}
