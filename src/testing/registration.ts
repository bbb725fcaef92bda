import { readDocuments } from '../documents/documents.ts'
import { parseIp } from '../ip/address.ts'
import type { WorkloadGroup } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import { hasMovedOn, type RegisteredEntry } from '../translate/registration/registered-entry.ts'
import type { Registrant } from '../translate/registration/registrant.ts'
import {
  type EntryChange,
  type EntryReference,
  entryKey,
  type WorkloadEntryStore,
} from '../translate/registration/workload-entry-store.ts'
import type { Proxy } from '../xds/proxy.ts'

const ratings = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadGroup',
  metadata: { name: 'vms', namespace: 'shop' },
}

/** The group `vms` of namespace `shop`, for service account `ratings`. */
export function workloadGroup(spec: Readonly<Record<string, unknown>> = {}): WorkloadGroup {
  const text = JSON.stringify({
    ...ratings,
    spec: { template: { serviceAccount: 'ratings' }, ...spec },
  })
  const [document] = readDocuments(text, 'groups.yaml').documents
  const object = document && parseObject(document, { defaultNamespace: 'default' }).object
  if (object?.kind !== 'WorkloadGroup') throw new TypeError('not a WorkloadGroup')
  return object
}

/** A machine of that group, as the certificate of its service account shows. */
export function registrant(facts: Partial<Registrant> = {}): Registrant {
  return {
    namespace: 'shop',
    group: 'vms',
    address: parseIp('10.0.0.7'),
    labels: new Map(),
    checksHealth: false,
    identity: { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'ratings' },
    ...facts,
  }
}

/** The agent of that machine. */
export function registeringProxy(facts: Partial<Proxy> = {}): Proxy {
  return {
    id: 'sidecar~10.0.0.7~vm.shop~shop.svc.cluster.local',
    type: 'sidecar',
    name: 'vm',
    namespace: 'shop',
    addresses: [parseIp('10.0.0.7')],
    labels: new Map(),
    dnsCapture: true,
    dnsAutoAllocate: false,
    autoRegisterGroup: 'vms',
    metadata: {},
    ...facts,
  }
}

/** A store in memory, which may be told to fail. */
export class FakeEntryStore implements WorkloadEntryStore {
  readonly entries = new Map<string, RegisteredEntry>()
  writes = 0
  broken = false
  readonly #followers: ((change: EntryChange) => void)[] = []

  follow(onChange: (change: EntryChange) => void): void {
    this.#followers.push(onChange)
  }

  /** Somebody else does something to an entry. */
  tell(change: Partial<EntryChange>): void {
    const { put = [], gone = [] } = change
    for (const entry of put) this.entries.set(entryKey(entry.metadata), entry)
    for (const entry of gone) this.entries.delete(entryKey(entry.metadata))
    for (const onChange of this.#followers) onChange({ put, gone })
  }

  async load(): Promise<readonly RegisteredEntry[]> {
    return [...this.entries.values()]
  }

  async put(entry: RegisteredEntry): Promise<boolean> {
    this.#check()
    const known = this.entries.get(entryKey(entry.metadata))
    if (known && hasMovedOn(known, entry)) return false
    this.entries.set(entryKey(entry.metadata), entry)
    return true
  }

  async drop(reference: EntryReference): Promise<void> {
    this.#check()
    this.entries.delete(entryKey(reference))
  }

  #check(): void {
    this.writes += 1
    if (this.broken) throw new Error('no space left on device')
  }
}
