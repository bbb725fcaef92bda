import assert from 'node:assert/strict'
import { ipFromOctets } from '../../../src/ip/address.ts'
import { type ClusterClient, patchTypes } from '../../../src/kubernetes/client/cluster-client.ts'
import type { DeltaClient } from '../../../src/testing/delta-client.ts'
import { eventually } from '../../../src/testing/eventually.ts'
import { inTurns } from '../names/send-objects.ts'
import type { GuardedMesh } from './guarded-mesh.ts'
import { entry, namespace, pod } from './objects.ts'

/** Namespaces with a Pod each, and ServiceEntries that select them. */
export class ManyPods {
  readonly #mesh: GuardedMesh
  readonly #client: ClusterClient
  /** By namespace. */
  readonly #addresses = new Map<string, readonly string[]>()

  constructor(mesh: GuardedMesh) {
    this.#mesh = mesh
    this.#client = mesh.cluster.connect()
  }

  /** Has the Pods run. */
  async make(namespaces: readonly string[]): Promise<void> {
    await this.#mesh.cluster.apply(...namespaces.map((name) => namespace(name)))
    const accounts = ['serviceaccounts', '-A', '--field-selector=metadata.name=default']
    await eventually(async () => {
      const made = (await this.#mesh.see('.items[*].metadata.namespace', ...accounts)).split(' ')
      return new Set(namespaces).isSubsetOf(new Set(made))
    })
    await this.#mesh.cluster.apply(...namespaces.map((where) => inNamespace(where, pod('a'))))
    const all = namespaces.map(
      (where, at) => [where, [`10.2.0.${at}`, `2001:db8::1:${at}`]] as const,
    )
    await inTurns(all, ([where, addresses]) => this.move(where, addresses))
  }

  /** Has the Pod of a namespace have these addresses. */
  async move(where: string, addresses: readonly string[]): Promise<void> {
    this.#addresses.set(where, addresses)
    const podIPs = addresses.map((ip) => ({ ip }))
    await this.#client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${where}/pods/a/status`,
      contentType: patchTypes.merge,
      body: { status: { phase: 'Running', podIP: addresses[0], podIPs } },
    })
  }

  async select(namespaces: readonly string[]): Promise<void> {
    await this.#mesh.cluster.apply(...namespaces.map(selecting))
  }

  async unselect(namespaces: readonly string[]): Promise<void> {
    const items = namespaces.map(selecting)
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await this.#mesh.cluster.must(['delete', '-f', '-'], list)
  }

  /** Waits until an agent is told of the Pods of these namespaces, and of no others. */
  async areTold(client: DeltaClient, namespaces: readonly string[]): Promise<void> {
    const want = namespaces.map((where) => `${where} ${this.#addresses.get(where)?.join(' ')}`)
    await eventually(() => assert.deepEqual(toldPods(client), want.toSorted()))
  }
}

function selecting(where: string) {
  const workloadSelector = { labels: { app: 'a' } }
  const hosts = [`${where}.internal`]
  return entry('a', { hosts, endpoints: undefined, workloadSelector }, where)
}

function inNamespace<T extends { readonly metadata: object }>(where: string, object: T) {
  return { ...object, metadata: { ...object.metadata, namespace: where } }
}

/** As `NAMESPACE ADDRESS…`; that of namespace `default` is another test's. */
function toldPods({ addresses }: DeltaClient): readonly string[] {
  const told: string[] = []
  for (const [name, { type }] of addresses) {
    const [, where] = /\/Pod\/([^/]+)\//.exec(name) ?? []
    if (type.case !== 'workload' || where === undefined || where === 'default') continue
    told.push([where, ...type.value.addresses.map(ipFromOctets)].join(' '))
  }
  return told.toSorted()
}
