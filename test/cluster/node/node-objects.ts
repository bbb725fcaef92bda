import { nodeAddresses } from './node-network.ts'

/** Where the API server finds what carries connections to pods. */
export const kubeletPort = 10_250

/** The node as its kubelet would register it. */
export function nodeObject(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': 'region1',
        'topology.kubernetes.io/zone': 'zone1',
      },
    },
    status: {
      addresses: nodeAddresses.map((address) => ({ type: 'InternalIP', address })),
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
    },
  })
}

/** The Service that pods ask, and who is behind it; a part of the node, and no pod. */
export function kubeDns(serviceAddress: string, address: string): string {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ]
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system' },
    spec: { clusterIP: serviceAddress, ports },
  }
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { 'kubernetes.io/service-name': 'kube-dns' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [service, slice] })
}
