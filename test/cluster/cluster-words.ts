import { join } from 'node:path'

/** Where the parts of a cluster are, and listen. */
export interface ClusterPlace {
  /** Its files. */
  readonly folder: string
  /** URLs of etcd, for clients and for its peers. */
  readonly etcd: { readonly client: string; readonly peer: string }
  readonly port: number
  /** Of the API server, where pods must reach it; it listens on loopback only when there is none. */
  readonly nodeAddress?: string
}

/** Of Services, as kubeadm has it for IPv4. */
export const serviceRanges = '10.96.0.0/16,fd00:10:96::/112'

export function etcdWords({ folder, etcd }: ClusterPlace): readonly string[] {
  const { client, peer } = etcd
  const flags = {
    'data-dir': join(folder, 'etcd'),
    'log-level': 'warn',
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  }
  return ['--unsafe-no-fsync', ...flagWords(flags)]
}

export function apiServerWords(place: ClusterPlace): readonly string[] {
  const { folder, etcd, port, nodeAddress } = place
  const file = (name: string) => join(folder, name)
  return flagWords({
    'etcd-servers': etcd.client,
    'secure-port': port,
    'tls-cert-file': file('apiserver.crt'),
    'tls-private-key-file': file('apiserver.key'),
    'client-ca-file': file('ca.crt'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': file('tokens.key'),
    'service-account-signing-key-file': file('tokens.key'),
    'authorization-mode': 'RBAC',
    'service-cluster-ip-range': serviceRanges,
    // Without, the Service `kubernetes` has no endpoint.
    ...(nodeAddress === undefined
      ? { 'bind-address': '127.0.0.1', 'endpoint-reconciler-type': 'none' }
      : { 'bind-address': '0.0.0.0', 'advertise-address': nodeAddress }),
    'allow-privileged': true,
    v: 1,
  })
}

export function controllerWords(
  folder: string,
  kubeconfig: string,
  controllers: readonly string[],
): readonly string[] {
  const file = (name: string) => join(folder, name)
  return flagWords({
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    controllers: controllers.join(','),
    'leader-elect': false,
    'secure-port': 0,
    'root-ca-file': file('ca.crt'),
    'service-account-private-key-file': file('tokens.key'),
  })
}

function flagWords(flags: Readonly<Record<string, string | number | boolean>>): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
}
