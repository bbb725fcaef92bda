import { execFileSync } from 'node:child_process'
import type { IpFamily } from '../../../src/ip/address.ts'
import type { TestNetwork } from '../../../src/testing/test-network.ts'

/** A pod's own network namespace, or the node's. */
export interface PodNetwork {
  /** Of the namespace. */
  readonly path: string
  /** IPv4 first. */
  readonly addresses: readonly string[]
  remove(): void
}

const gateway = { v4: '10.244.0.1', v6: 'fd00:10:244::1' } as const
export const podRanges = { v4: '10.244.0.0/24', v6: 'fd00:10:244::/64' } as const

/** The node's, on the switch: the last part of its addresses. */
const lastPart = 10
export const nodeAddresses = [`192.0.2.${lastPart}`, `2001:db8::${lastPart}`] as const

/** For programs of the node itself, such as CoreDNS: an address as pods have it. */
export const dnsPodAddress = '10.244.0.2'

/** What a node does with packets: it routes, and answers for its pods on the switch. */
const switches = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv4.conf.eth0.proxy_arp=1',
  'net.ipv6.conf.eth0.proxy_ndp=1',
]

/** The network of a node: each pod has a wire of its own to it, as with the CNI plug-in `ptp`. */
export class NodeNetwork {
  readonly hosts: TestNetwork
  readonly name: string
  #pods = 0

  constructor(hosts: TestNetwork, name: string) {
    this.hosts = hosts
    this.name = name
    hosts.addHost(name, lastPart)
    hosts.configure(name, [`address add ${dnsPodAddress}/32 dev lo`])
    execFileSync(this.enter[0] ?? '', [...this.enter.slice(1), 'sysctl', '-q', '-w', ...switches])
  }

  /** Words before those of a program that shall run on the node; it sees the machine's own /run. */
  get enter(): readonly string[] {
    return ['nsenter', `--net=${this.#pathOf(this.name)}`, '--']
  }

  /** Both families unless told otherwise. */
  addPod(families: readonly IpFamily[] = [4, 6]): PodNetwork {
    const number = this.#pods++
    const name = `pod${number}`
    const wire = `veth${number}`
    const v4 = `10.244.0.${number + 10}`
    const v6 = `fd00:10:244::${(number + 10).toString(16)}`
    this.hosts.addGuest(name)
    this.hosts.configure(this.name, [
      `link add ${wire} type veth peer name eth0 netns ${this.hosts.namespaceOf(name)}`,
      `link set ${wire} up`,
    ])
    this.hosts.configure(name, ['link set eth0 up'])
    if (families.includes(4)) {
      this.hosts.configure(this.name, [
        `address add ${gateway.v4}/32 dev ${wire}`,
        `route add ${v4}/32 dev ${wire}`,
      ])
      this.hosts.configure(name, [
        `address add ${v4}/32 dev eth0`,
        `route add ${gateway.v4} dev eth0 scope link`,
        `route add default via ${gateway.v4}`,
      ])
    }
    if (families.includes(6)) {
      this.hosts.configure(this.name, [
        `address add ${gateway.v6}/128 dev ${wire} nodad`,
        `route add ${v6}/128 dev ${wire}`,
        `neigh add proxy ${v6} dev eth0`,
      ])
      this.hosts.configure(name, [
        `address add ${v6}/128 dev eth0 nodad`,
        `route add ${gateway.v6} dev eth0`,
        `route add ::/0 via ${gateway.v6}`,
      ])
    }
    const addresses = families.map((family) => (family === 4 ? v4 : v6))
    return { path: this.#pathOf(name), addresses, remove: () => this.hosts.remove(name) }
  }

  /** For pods with `hostNetwork`. */
  get own(): PodNetwork {
    return { path: this.#pathOf(this.name), addresses: nodeAddresses, remove: () => {} }
  }

  #pathOf(name: string): string {
    return `/run/netns/${this.hosts.namespaceOf(name)}`
  }
}
