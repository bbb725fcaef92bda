import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import type { ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'
import { TestNetwork } from '../../../src/testing/test-network.ts'
import { root } from '../../architecture/tree.ts'
import { ScriptedUpstream } from '../../network/scripted.ts'
import { Coredns } from '../coredns.ts'
import { type ProgramOutcome, runProgram } from '../run-program.ts'
import { type ClusterOptions, TestCluster } from '../start-cluster.ts'
import { startApiRelay } from './api-relay.ts'
import type { Container } from './container.ts'
import { startKubeletServer } from './kubelet-server.ts'
import { groupMount, NodeInit } from './node-init.ts'
import { dnsPodAddress, NodeNetwork, nodeAddresses } from './node-network.ts'
import { kubeDns, nodeObject } from './node-objects.ts'
import { type GroupDriver, ownGroup, PodGroups } from './pod-groups.ts'
import type { PodLife } from './pod-life.ts'
import { ServiceProxy } from './service-proxy.ts'
import { TestKubelet } from './test-kubelet.ts'

export const dnsServiceAddress = '10.96.0.10'

/** What a cluster has that a user installs into. */
const usualControllers =
  'deployment replicaset statefulset daemonset job endpointslice namespace serviceaccount root-ca-certificate-publisher garbage-collector disruption'
    .split(' ')
    .map((name) => `${name}-controller`)

const dnsLastPart = 53

/** The node's own /etc/resolv.conf. */
const nodeResolvConf = `nameserver 192.0.2.${dnsLastPart}\n`

export interface NodeRigOptions extends Pick<ClusterOptions, 'controllers' | 'apiServer'> {
  readonly groupDriver?: GroupDriver
}

interface RigParts {
  readonly hosts: TestNetwork
  readonly network: NodeNetwork
  readonly init: NodeInit
  readonly groups: PodGroups
  readonly cluster: TestCluster
  readonly client: ClusterClient
  readonly coredns: Coredns
  readonly upstream: ScriptedUpstream
}

/**
 * A whole cluster of one node, in network namespaces: the API server, Kubernetes' controllers, CoreDNS as
 * kube-dns, pods that run, Services that lead to them; and a DNS server outside.
 */
export class NodeRig implements AsyncDisposable {
  readonly hosts: TestNetwork
  readonly cluster: TestCluster
  /** From this process. */
  readonly client: ClusterClient
  readonly coredns: Coredns
  readonly upstream: ScriptedUpstream
  readonly kubelet: TestKubelet
  readonly #parts: RigParts
  readonly #proxy: ServiceProxy
  #made: AsyncDisposable | undefined

  private constructor(parts: RigParts) {
    const { hosts, cluster, client, coredns, upstream, network, init, groups } = parts
    this.#parts = parts
    this.hosts = hosts
    this.cluster = cluster
    this.client = client
    this.coredns = coredns
    this.upstream = upstream
    this.#proxy = new ServiceProxy(client, network.enter)
    const dns = { server: dnsServiceAddress, domain: 'cluster.local', nodeResolvConf }
    const folder = join(cluster.folder, 'pods')
    this.kubelet = new TestKubelet({ client, network, init, groups, folder, dns })
  }

  static async start({ groupDriver = 'systemd', ...options }: NodeRigOptions = {}) {
    await using made = new AsyncDisposableStack()
    const hosts = made.use(new TestNetwork())
    const network = new NodeNetwork(hosts, 'node')
    const ownName = hosts.namespaceOf('')
    const reaper = startReaper(ownName)
    made.defer(() => void reaper.stdin?.end())
    hosts.addHost('up', dnsLastPart)
    const addresses = [`192.0.2.${dnsLastPart}`, `2001:db8::${dnsLastPart}`]
    const askDirectly = async (question: string) => {
      await hosts.run('node', ['dig', `@192.0.2.${dnsLastPart}`, question])
    }
    const upstream = await ScriptedUpstream.start(hosts, { host: 'up', addresses }, askDirectly)
    const [address] = nodeAddresses
    const node = { enter: network.enter, address }
    const cluster = made.use(
      await TestCluster.start({ controllers: usualControllers, ...options, node }),
    )
    const resolvConf = join(cluster.folder, 'resolv.conf')
    await writeFile(resolvConf, nodeResolvConf)
    const init = made.use(await NodeInit.start(network.own.path, resolvConf))
    const groups = made.use(new PodGroups(init.path(groupMount), ownName, groupDriver))
    const port = Number(new URL(cluster.server).port)
    const relay = made.use(await startApiRelay(network.enter, cluster.folder, port))
    const kubeconfig = await relayedKubeconfig(cluster, relay.port)
    const client = cluster.connect(kubeconfig)
    await cluster.must(['create', '-f', '-'], nodeObject('node'))
    await cluster.must(
      ['replace', '--raw', '/api/v1/nodes/node/status', '-f', '-'],
      nodeObject('node'),
    )
    await cluster.must(['create', '-f', '-'], kubeDns(dnsServiceAddress, dnsPodAddress))
    const coredns = await Coredns.start(cluster, {
      listen: dnsPodAddress,
      port: 53,
      upstream: addresses[0] ?? '',
    })
    const parts = { hosts, network, init, groups, cluster, client, coredns, upstream }
    const rig = new NodeRig(parts)
    made.defer(() => rig.#proxy.stop())
    made.defer(() => rig.kubelet.stop())
    const { kubelet } = rig
    const { folder } = cluster
    made.use(await startKubeletServer({ kubelet, enter: network.enter, folder }))
    rig.#made = made.move()
    return rig
  }

  /** Words before those of a program that shall run on the node. */
  get enter(): readonly string[] {
    return this.#parts.network.enter
  }

  /** Runs `meshdns` as a user of the cluster. */
  meshdns(words: readonly string[], input?: string): Promise<ProgramOutcome> {
    const argv = [...this.enter, process.execPath, join(root, 'src/cli/main.ts'), ...words]
    const env = { KUBECONFIG: this.cluster.kubeconfig, HOME: this.cluster.folder }
    return runProgram(argv, input === undefined ? { env } : { env, input })
  }

  /** What a program of the node prints. */
  async run(...argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runProgram([...this.enter, ...argv])
    assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Waits until all pods that a selector finds are ready; their names. */
  async ready(namespace: string, selector: string): Promise<readonly string[]> {
    const which = ['pod', '-n', namespace, '-l', selector]
    await this.cluster.must(['wait', '--for=create', '--timeout=300s', ...which])
    await this.cluster.must(['wait', '--for=condition=Ready', '--timeout=300s', ...which])
    const names = await this.cluster.must([
      'get',
      ...which,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    ])
    return names.split(' ')
  }

  /** A pod that runs. */
  async pod(namespace: string, name: string): Promise<PodLife> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`
    const { metadata } = (await this.client.call({ path })) as V1Pod
    const life = this.kubelet.pod(metadata?.uid ?? '')
    assert.ok(life, `${namespace}/${name} does not run`)
    return life
  }

  async container(namespace: string, pod: string, name: string): Promise<Container> {
    const container = (await this.pod(namespace, pod)).container(name)
    assert.ok(container, `${namespace}/${pod} has no ${name}`)
    return container
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made?.[Symbol.asyncDispose]()
  }
}

/** Ends what a killed test leaves in its namespaces: users that pods became outlive those who started them. */
function startReaper(prefix: string): ChildProcess {
  const script = `
    cat > /dev/null
    for name in $(ip netns list | awk '{ print $1 }' | grep '^${prefix}'); do
      ip netns pids "$name" | xargs -r kill -9
      ip netns delete "$name"
    done
    unshare --mount sh -c '
      mount -t cgroup2 none ${groupMount}
      if cd "${groupMount}/$0"; then find . -depth -type d -exec rmdir {} \\;; fi
    ' '${join(ownGroup(), prefix)}'`
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  return child
}

async function relayedKubeconfig(cluster: TestCluster, port: number): Promise<string> {
  const text = await readFile(cluster.kubeconfig, 'utf8')
  const path = join(cluster.folder, 'relayed.kubeconfig')
  await writeFile(path, text.replaceAll(cluster.server, `https://127.0.0.1:${port}`), {
    mode: 0o600,
  })
  return path
}
