import assert from 'node:assert/strict'
import { join } from 'node:path'
import { MachineHost } from '../../mesh/machine-host.ts'
import type { NodeRig } from './node-rig.ts'

/** Where a load balancer of the cluster is reached from outside. */
export const balancerAddress = '192.0.2.200'

const gateway = ['service', 'istio-eastwestgateway', '-n', 'istio-system']

/** Makes the controller reachable from outside, as a cloud does for a Service of type LoadBalancer. */
export async function exposeController({ hosts, cluster }: NodeRig): Promise<void> {
  hosts.addAddress('node', `${balancerAddress}/32`)
  const [, name, , namespace] = gateway
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'meshdns-controller' },
      ports: [{ name: 'tls-istiod', port: 15_012 }],
    },
  }
  await cluster.apply(service)
  const status = { loadBalancer: { ingress: [{ ip: balancerAddress }] } }
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]
  await cluster.must(['patch', ...gateway, ...patch])
}

export interface Joining {
  /** Last part of its address. */
  readonly last: number
  /** More words of `workload entry configure`. */
  readonly words: readonly string[]
  /** Where the files lie that it joins with. */
  readonly bundle?: (folder: string) => void
}

/** Makes a host one of the mesh; of the cluster it reaches the load balancer alone. Its agent does not run. */
export async function joinMachine(
  rig: NodeRig,
  name: string,
  { last, words, bundle }: Joining,
): Promise<MachineHost> {
  const files = join(rig.cluster.folder, `${name}-files`)
  const configure = ['workload', 'entry', 'configure', '-o', files, ...words]
  const { code, stdout, stderr } = await rig.meshdns(configure)
  assert.equal(code, 0, `${stdout}${stderr}`)
  bundle?.(files)
  rig.hosts.addHost(name, last)
  const machine = new MachineHost(rig.hosts, name, join(rig.cluster.folder, name))
  machine.root.write('/etc/hosts', '127.0.0.1 localhost\n')
  machine.root.write('/etc/resolv.conf', 'nameserver 192.0.2.53\n')
  await machine.install(`exec "$0" vm install '${files}'`)
  // The switch would lead to the node, and from there to pods. They may well come here.
  const begins = ['tcp flags & (syn | ack) == syn', 'meta l4proto udp']
  for (const [word, ips] of [
    ['ip', inside.v4],
    ['ip6', inside.v6],
  ]) {
    const rules = begins.map((one) => `${word} daddr { ${ips} } ${one} reject`)
    await machine.filter(`outside_${word}`, 'output', rules.join('; '))
  }
  return machine
}

/** The node, its pods and the Services. */
const inside = {
  v4: '192.0.2.10, 10.244.0.0/16, 10.96.0.0/12',
  v6: '2001:db8::10, fd00:10::/32',
}
