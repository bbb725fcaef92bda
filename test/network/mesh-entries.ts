/** What a test says of a ServiceEntry. */
export interface Entry {
  readonly name: string
  readonly host: string
  readonly addresses?: readonly string[]
  readonly port?: number
  readonly protocol?: string
  readonly resolution?: 'STATIC' | 'DNS' | 'NONE'
  readonly endpoint?: string
  readonly endpointPort?: number
}

/** The YAML of a ServiceEntry; the endpoint is the page of the host `ep`, unless told otherwise. */
export function entry(fields: Entry): string {
  const { name, host, addresses, port = 80, protocol = 'HTTP', resolution = 'STATIC' } = fields
  const { endpoint = '192.0.2.80', endpointPort } = fields
  const portName = `port-${port}`
  const to = { address: endpoint, ...(endpointPort && { ports: { [portName]: endpointPort } }) }
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
spec:
  hosts: ["${host}"]
  ports:
  - name: ${portName}
    number: ${port}
    protocol: ${protocol}
  resolution: ${resolution}
${addresses ? `  addresses: ${JSON.stringify(addresses)}\n` : ''}${
  resolution === 'STATIC' ? `  endpoints: [${JSON.stringify(to)}]\n` : ''
}---
`
}

/** No name here ends in `up.test`, the zone of the servers. */
export const meshEntries = [
  entry({ name: 'auto', host: 'auto.mesh.test' }),
  entry({
    name: 'plain',
    host: 'plain.mesh.test',
    addresses: ['198.51.100.1', '2001:db8:100::1'],
  }),
  entry({ name: 'wild', host: '*.wild.mesh.test' }),
  ...['one', 'two'].map((name, at) =>
    entry({
      name,
      host: `${name}.db.mesh.test`,
      port: 5432,
      protocol: 'TCP',
      endpointPort: 6001 + at,
    }),
  ),
].join('')
