import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ControllerProcess,
  startControllerProcess,
} from '../../../src/testing/controller-process.ts'
import { eventually } from '../../../src/testing/eventually.ts'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'
import { root } from '../../architecture/tree.ts'
import { AddressWatcher } from '../address-watcher.ts'
import { controllers as namespace } from '../allocation-rig.ts'
import { applyDefinitions } from '../cluster-ports.ts'
import { TestCluster } from '../start-cluster.ts'
import { ApiProxy } from './api-proxy.ts'
import { ControllerDoor } from './controller-door.ts'
import { PodNetwork } from './pod-network.ts'
import { steadyObjects } from './steady-objects.ts'

/** As short as they may be: what is tried is what happens, not how long it takes. */
const leader = [
  ['lease-seconds', '3'],
  ['renew-deadline-seconds', '2'],
  ['retry-seconds', '0.5'],
].flatMap(([name, value]) => [`--kubernetes-leader-${name}`, value ?? ''])

export type Place = 'one' | 'two'
const places: readonly Place[] = ['one', 'two']

/** Two controllers as processes, an agent of each, and an API server that is reached through a proxy. */
export class ChaosMesh implements AsyncDisposable {
  readonly cluster: TestCluster
  readonly proxy: ApiProxy
  readonly watcher = new AddressWatcher()
  readonly pods: PodNetwork[] = []
  readonly #doors = new Map<Place, ControllerDoor>()
  readonly #running = new Map<
    Place,
    { readonly name: string; readonly process: ControllerProcess }
  >()
  readonly #cleanUp: (() => unknown)[] = []
  #started = 0

  private constructor(cluster: TestCluster, proxy: ApiProxy) {
    this.cluster = cluster
    this.proxy = proxy
  }

  static async start(random: SeededRandom): Promise<ChaosMesh> {
    // Services have no cache in the server, so that etcd's compaction meets those who follow them.
    const apiServer = ['--etcd-compaction-interval=2s', '--watch-cache-sizes=services#0']
    const cluster = await TestCluster.start({ controllers: ['namespace-controller'], apiServer })
    const mesh = new ChaosMesh(cluster, await ApiProxy.start(cluster, random))
    try {
      await mesh.#fill()
      return mesh
    } catch (error) {
      await mesh[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts a controller under a new name, as a new pod has; it serves when this returns. */
  async startController(place: Place): Promise<void> {
    this.#started += 1
    const name = `${place}-${this.#started}`
    const after = (stop: () => unknown) => void this.#cleanUp.push(stop)
    const flags = ['--kubernetes', '--kubeconfig', this.proxy.kubeconfig(this.cluster), ...leader]
    flags.push('--admission-addresses', '127.0.0.1:0', '--kubernetes-pod-name', name)
    const stateFolder = join(this.cluster.folder, name)
    const process = await startControllerProcess({ after }, { stateFolder, flags })
    this.#running.set(place, { name, process })
    this.door(place).behind = process.plaintext
  }

  /** Ends one with a signal. */
  async endController(place: Place, signal: NodeJS.Signals): Promise<void> {
    await this.#running.get(place)?.process.end(signal)
    this.#running.delete(place)
    this.door(place).behind = undefined
  }

  /** Where the leader is, as soon as one of those that run leads. */
  async leader(): Promise<Place> {
    const words = ['get', 'lease', 'meshdns-controller', '-n', namespace]
    let found: Place | undefined
    await eventually(async () => {
      const holder = await this.cluster.must([...words, '-o', 'jsonpath={.spec.holderIdentity}'])
      found = places.find((place) => this.#running.get(place)?.name === holder)
      assert.ok(found, `the leader is ${holder}`)
    })
    assert.ok(found)
    return found
  }

  door(place: Place): ControllerDoor {
    const door = this.#doors.get(place)
    assert.ok(door)
    return door
  }

  /** What controllers logged at level `error`, and what they said besides their log. */
  errors(): readonly string[] {
    return [...this.#running.values()].flatMap(({ process: { log, errors } }) => [
      ...log.lines.filter((line) => line.includes('"level":"error"')),
      ...errors.lines,
    ])
  }

  async apply(...objects: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    // A server that has just come back works on its schema for a while, which nobody needs here.
    await this.cluster.must(['apply', '--validate=false', '-f', '-'], JSON.stringify(list))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pod of this.pods) await pod[Symbol.asyncDispose]()
    for (const place of places) await this.endController(place, 'SIGKILL').catch(() => {})
    for (const stop of this.#cleanUp) await stop()
    for (const door of this.#doors.values()) await door[Symbol.asyncDispose]()
    await this.watcher.stop()
    await this.proxy[Symbol.asyncDispose]()
    await this.cluster[Symbol.asyncDispose]()
  }

  async #fill(): Promise<void> {
    const { cluster } = this
    await applyDefinitions(cluster)
    await cluster.must(['create', 'namespace', namespace])
    await this.watcher.start(cluster.connect())
    for (const place of places) {
      this.#doors.set(place, await ControllerDoor.open(join(cluster.folder, `${place}.sock`)))
    }
    await Promise.all(places.map((place) => this.startController(place)))
    const page = await readFile(join(root, 'examples/external-auto.yaml'), 'utf8')
    await cluster.must(['apply', '-f', '-'], page)
    await this.apply(...steadyObjects)
    await eventually(async () => assert.deepEqual([...this.watcher.lacking()], []))
    const doors = places.map((place) => this.door(place).path)
    const starts = [doors, doors.toReversed()].map((ways, at) =>
      PodNetwork.start(join(cluster.folder, `pod-${at}`), ways),
    )
    this.pods.push(...(await Promise.all(starts)))
  }
}
