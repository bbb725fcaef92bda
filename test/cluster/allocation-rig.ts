import { VirtualAddressOptions } from '../../src/allocate/options.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Health } from '../../src/base/health.ts'
import { silentLog } from '../../src/base/log.ts'
import { Meters } from '../../src/base/meters.ts'
import { createRandom } from '../../src/base/random.ts'
import { mapsAt, type PlainMap } from '../../src/documents/plain-map.ts'
import { type AllocationEntry, readEntry } from '../../src/kubernetes/allocation/entry.ts'
import { EntryTable } from '../../src/kubernetes/allocation/entry-table.ts'
import { ClusterAllocationOptions } from '../../src/kubernetes/allocation/options.ts'
import { type Elected, startAllocation } from '../../src/kubernetes/allocation/start-allocation.ts'
import { type ClusterClient, patchTypes } from '../../src/kubernetes/client/cluster-client.ts'
import { LeaderElector } from '../../src/kubernetes/leader/leader-elector.ts'
import { LeaderOptions } from '../../src/kubernetes/leader/options.ts'
import { Reflector } from '../../src/kubernetes/watch/reflector.ts'
import { applyDefinitions } from './cluster-ports.ts'
import type { TestCluster } from './start-cluster.ts'

/** The namespace of the controllers. */
export const controllers = 'istio-system'
const group = '/apis/networking.istio.io/v1'
const record = `/api/v1/namespaces/${controllers}/configmaps/meshdns-virtual-addresses`

export interface ReplicaFacts {
  readonly virtualAddresses?: Partial<VirtualAddressOptions>
  readonly allocation?: Partial<ClusterAllocationOptions>
  readonly leader?: Partial<LeaderOptions>
  /** Takes itself for the leader, whatever the lease says. */
  readonly isDeluded?: boolean
  /** By which it reaches the cluster; as everybody when not said. */
  readonly kubeconfig?: string
}

/** A cluster that knows ServiceEntries, and what tests of their addresses do in it. */
export class AllocationRig {
  readonly cluster: TestCluster
  readonly client: ClusterClient

  private constructor(cluster: TestCluster) {
    this.cluster = cluster
    this.client = cluster.connect()
  }

  static async open(cluster: TestCluster): Promise<AllocationRig> {
    await applyDefinitions(cluster)
    await cluster.kubectl(['create', 'namespace', controllers])
    return new AllocationRig(cluster)
  }

  /** A controller's part that gives out addresses, on a connection of its own. */
  async startReplica(identity: string, facts: ReplicaFacts = {}) {
    const health = new Health()
    const meters = new Meters()
    const real = this.cluster.connect(facts.kubeconfig)
    const life = new AbortController()
    const killed = Promise.withResolvers<never>()
    killed.promise.catch(() => {})
    life.signal.addEventListener('abort', () => killed.reject(new Error('this replica was killed')))
    const client: Pick<ClusterClient, 'call' | 'watch'> = {
      // Nobody waits for what a killed one has sent.
      call: (call) =>
        life.signal.aborted ? killed.promise : Promise.race([real.call(call), killed.promise]),
      watch: (watch) =>
        real.watch({ ...watch, signal: AbortSignal.any([watch.signal, life.signal]) }),
    }
    const ports = {
      client,
      clock: systemClock,
      log: silentLog,
      health,
      meters,
      random: createRandom(),
    }
    const table = new EntryTable()
    const kind = {
      group: 'networking.istio.io',
      versions: ['v1'],
      plural: 'serviceentries',
    } as const
    const entries = new Reflector<AllocationEntry>({ kind, project: readEntry }, ports)
    entries.follow((change) => table.take(change))
    await entries.start()
    const elector = new LeaderElector(
      {
        ...LeaderOptions.parse(facts.leader ?? {}),
        namespace: controllers,
        name: 'meshdns-controller',
        identity,
      },
      ports,
    )
    await elector.start()
    const allocation = await startAllocation(
      {
        virtualAddresses: VirtualAddressOptions.parse(facts.virtualAddresses ?? {}),
        allocation: ClusterAllocationOptions.parse({ mode: 'lead', ...facts.allocation }),
        namespace: controllers,
      },
      {
        ...ports,
        elector: facts.isDeluded ? deluded(identity) : elector,
        table,
        declared: { services: () => new Map(), follow: () => {} },
        version: () => entries.servedVersion ?? 'v1',
      },
    )
    const stop = async () => {
      await allocation.stop()
      await elector.stop()
      await entries.stop()
    }
    /** Ends it as a crash does: what was sent is done, and nothing else is. */
    const kill = async () => {
      life.abort()
      await stop()
    }
    return { table, elector, health, meters, stop, kill, [Symbol.asyncDispose]: stop }
  }

  /** No entry, record or lease is left of what was before. */
  async clear(): Promise<void> {
    const { items } = await this.client.call({ path: `${group}/serviceentries` })
    for (const item of Array.isArray(items) ? (items as PlainMap[]) : []) {
      const { namespace, name } = item['metadata'] as { namespace: string; name: string }
      await this.remove(name, namespace)
    }
    await this.client.call({ method: 'DELETE', path: record }).catch(() => {})
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${controllers}/leases/meshdns-controller`
    await this.client.call({ method: 'DELETE', path: lease }).catch(() => {})
  }

  create(name: string, spec: object, metadata: object = {}): Promise<PlainMap> {
    const body = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name, namespace: 'default', ...metadata },
      spec: { resolution: 'DNS', ports: [{ name: 'http', number: 80 }], ...spec },
    }
    const { namespace } = body.metadata
    return this.client.call({ method: 'POST', path: pathOf('', namespace), body })
  }

  change(name: string, patch: object, namespace = 'default'): Promise<PlainMap> {
    const path = pathOf(name, namespace)
    return this.client.call({ method: 'PATCH', path, body: patch, contentType: patchTypes.merge })
  }

  changeStatus(name: string, status: object, namespace = 'default'): Promise<PlainMap> {
    const path = `${pathOf(name, namespace)}/status`
    const body = { status }
    return this.client.call({ method: 'PATCH', path, body, contentType: patchTypes.merge })
  }

  async remove(name: string, namespace = 'default'): Promise<void> {
    await this.client.call({ method: 'DELETE', path: pathOf(name, namespace) })
  }

  async read(name: string, namespace = 'default'): Promise<PlainMap> {
    return this.client.call({ path: pathOf(name, namespace) })
  }

  /** `HOST ADDRESS` each, as they stand in the status. */
  async addresses(name: string, namespace = 'default'): Promise<readonly string[]> {
    const { status } = await this.read(name, namespace)
    return mapsAt(status, 'addresses').map(({ host, value }) => `${String(host)} ${String(value)}`)
  }

  async conditions(name: string): Promise<readonly PlainMap[]> {
    const { status } = await this.read(name)
    return mapsAt(status, 'conditions')
  }

  async recordData(): Promise<Readonly<Record<string, string>>> {
    const { data } = await this.client.call({ path: record })
    return data as Record<string, string>
  }
}

function deluded(identity: string): Elected {
  return { leads: true, identity, follow: () => {} }
}

function pathOf(name: string, namespace: string): string {
  return `${group}/namespaces/${namespace}/serviceentries${name === '' ? '' : `/${name}`}`
}
