import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { DeltaDiscoveryResponseSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import {
  addressResource,
  scopeOfNamespace,
  scopeOfNamespaces,
} from '../../testing/address-resources.ts'
import { SeededRandom } from '../../testing/seeded-random.ts'
import type { AddressResource } from '../../translate/discovery/resource.ts'
import { AddressCollection } from './address-collection.ts'
import { AddressFeed, type Interest } from './address-feed.ts'
import { Page } from './page.ts'
import type { ProxyScope } from './ports.ts'

const names = Array.from({ length: 10 }, (_, at) => `ns${at % 3}/host${at}.test`)
const aliases = ['net/10.0.0.1', 'net/10.0.0.2', 'net/10.0.0.3']
const scopes = [
  scopeOfNamespaces('ns0', 'ns1', 'ns2', 'hidden'),
  scopeOfNamespaces('ns0', 'ns1'),
  scopeOfNamespaces('ns2'),
  scopeOfNamespaces(),
  scopeOfNamespace('ns1'),
  scopeOfNamespace('ns2'),
]

/** A client of one stream as the protocol wants it, and all that it was ever allowed to hear of. */
class Client {
  readonly random: SeededRandom
  readonly collection: AddressCollection
  readonly feed: AddressFeed
  readonly held = new Map<string, AddressResource | undefined>()
  readonly keys = new Set<string>()
  readonly mayHear = new Set<string>()
  everything: boolean
  scope: ProxyScope

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.collection = new AddressCollection(50 + this.random.below(400))
    this.scope = this.random.pick(scopes)
    for (let count = this.random.below(12); count > 0; count -= 1) this.changeResource()
    const claims: [string, string][] = []
    for (const name of names) {
      if (!this.random.oneIn(3)) continue
      const resource = this.collection.get(name)?.resource
      const known = resource && this.random.oneIn(2) ? resource : undefined
      claims.push([name, known?.version ?? ''])
      this.held.set(name, known)
      this.mayHear.add(name)
    }
    const subscribe = this.random.oneIn(2) ? [] : [this.pickKey(), this.pickKey()]
    this.everything = subscribe.length === 0
    const kept = this.everything ? [] : [...subscribe, ...claims.map(([name]) => name)]
    for (const key of kept) this.ask(key)
    this.feed = new AddressFeed(this.collection, this.scope, { subscribe, unsubscribe: [], claims })
    this.hearOfSeen()
  }

  pickKey(): string {
    return this.random.pick([...names, ...aliases])
  }

  ask(key: string): void {
    this.keys.add(key)
    this.mayHear.add(key)
  }

  step(): void {
    const what = this.random.below(10)
    if (what < 5) this.changeResource()
    else if (what < 8) this.advance(this.random.below(150))
    else if (what === 8) this.changeInterest()
    else {
      this.scope = this.random.pick(scopes)
      this.feed.rescope(this.scope)
    }
    this.hearOfSeen()
    if (this.random.oneIn(3)) this.collection.forgetUpTo(this.feed.needs)
    if (this.random.oneIn(5)) this.collection.dropUnusedPages()
  }

  changeResource(): void {
    const name = this.random.pick(names)
    if (this.random.oneIn(3)) {
      this.collection.apply({ put: [], drop: [name] })
      return
    }
    const namespace = this.random.oneIn(3) ? 'hidden' : name.slice(0, 3)
    const version = String(this.random.below(3)) + namespace
    const exportTo = [this.random.oneIn(3) ? '.' : '*']
    const own = this.random.oneIn(2) ? [this.random.pick(aliases)] : []
    const resource = addressResource(name, {
      namespace,
      aliases: own,
      exportTo,
      version: version + own.join(),
    })
    this.collection.apply({ put: [resource], drop: [] })
  }

  changeInterest(): void {
    const key = this.random.oneIn(4) ? '*' : this.pickKey()
    const interest: Interest = this.random.oneIn(2)
      ? { subscribe: [key], unsubscribe: [] }
      : { subscribe: [], unsubscribe: [key] }
    this.feed.change(interest)
    for (const added of interest.subscribe) {
      if (added === '*') this.everything = true
      else this.ask(added)
    }
    for (const gone of interest.unsubscribe) {
      if (gone === '*') this.everything = false
      else this.keys.delete(gone)
      this.mayHear.add(gone)
    }
    for (const [name, resource] of this.held)
      if (!this.wants(name, resource)) this.held.delete(name)
  }

  advance(octets: number): boolean {
    const page = new Page(octets + 1)
    const complete = this.feed.advance(page)
    for (const name of page.removed) {
      assert.ok(this.mayHear.has(name), `told of ${name}, which it could never see`)
      this.held.delete(name)
    }
    for (const resource of [...page.resources, ...this.#readFramed(page)]) {
      assert.ok(this.sees(resource), `told of ${resource.name}, which it cannot see`)
      this.held.set(resource.name, resource)
    }
    return complete
  }

  /** What was put together before must be what there is now. */
  #readFramed({ framed }: Page): AddressResource[] {
    const { resources } = fromBinary(DeltaDiscoveryResponseSchema, framed ?? new Uint8Array())
    return resources.map(({ name, version }) => {
      const resource = this.collection.get(name)?.resource
      assert.ok(resource, `${name} is not there any more`)
      assert.equal(version, resource.version)
      return resource
    })
  }

  sees({ services }: AddressResource): boolean {
    return services.some((service) => this.scope.sees(service))
  }

  wants(name: string, resource: AddressResource | undefined): boolean {
    const known = resource?.aliases ?? []
    return this.everything || this.keys.has(name) || known.some((alias) => this.keys.has(alias))
  }

  hearOfSeen(): void {
    for (const resource of this.visible()) this.mayHear.add(resource.name)
  }

  visible(): AddressResource[] {
    return [...this.collection.entries()]
      .flatMap(({ resource }) => resource ?? [])
      .filter((resource) => this.sees(resource))
  }

  settle(): void {
    for (let page = 0; !this.advance(100); page += 1) assert.ok(page < 100, 'never comes to an end')
    const want = this.visible().filter((resource) => this.wants(resource.name, resource))
    const describe = (all: readonly (AddressResource | undefined)[]) =>
      all.map((resource) => `${resource?.name} ${resource?.version}`).toSorted()
    assert.deepEqual(describe([...this.held.values()]), describe(want))
  }
}

describe('a feed, whatever happens', () => {
  it('leaves its client with what it wants and may see, and tells of nothing else', () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      try {
        const client = new Client(seed)
        for (let round = 0; round < 4; round += 1) {
          for (let count = client.random.below(12); count > 0; count -= 1) client.step()
          client.settle()
        }
        client.collection.forgetUpTo(client.feed.needs)
        assert.equal(client.collection.remembered, 0)
        assert.equal([...client.collection.entries()].length, client.collection.size)
      } catch (cause) {
        throw new Error(`with seed ${seed}`, { cause })
      }
    }
  })
})
