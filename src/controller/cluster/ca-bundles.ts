import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { type ClusterPlace, clusterNames } from '../../config/cluster-object-names.ts'
import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from '../../kubernetes/client/api-failure.ts'
import { patchTypes } from '../../kubernetes/client/cluster-client.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import type { WatchedKind } from '../../kubernetes/watch/watched-kind.ts'
import { caBundleUnpatched } from '../health.ts'
import type { Leadership } from './leadership.ts'

/** The roots that clients of the webhooks have to trust. */
export interface RootSource {
  /** PEM. */
  roots(): string
  follow(onChange: () => void): void
}

export interface CaBundleParts {
  readonly place: ClusterPlace
  readonly leadership: Leadership
  readonly certificates: RootSource
}

interface Webhook {
  readonly name: string
  /** Base64 of PEM; empty when there is none. */
  readonly caBundle: string
}

interface Configuration {
  readonly name: string
  readonly resourceVersion: string
  readonly webhooks: readonly Webhook[]
}

const retryMs = 10_000

/**
 * Has the API server know our webhooks by our roots: in the configurations of our names, and nowhere else.
 *
 * Only the leader writes; what somebody reverts, and a root that is rotated, is put right at once.
 */
export class CaBundles implements Running {
  readonly #parts: CaBundleParts
  readonly #ports: ReflectorPorts
  readonly #followed: readonly {
    readonly plural: string
    readonly found: Reflector<Configuration>
  }[]
  /** Those that a patch is under way for, and whether to look again after it. */
  readonly #busy = new Map<string, boolean>()
  #leads = false
  #stopped = false
  #cancelRetry = () => {}

  constructor(parts: CaBundleParts, ports: ReflectorPorts) {
    this.#parts = parts
    this.#ports = ports
    const { validator, injector } = clusterNames(parts.place)
    this.#followed = [
      { plural: 'validatingwebhookconfigurations', name: validator },
      { plural: 'mutatingwebhookconfigurations', name: injector },
    ].map(({ plural, name }) => ({ plural, found: this.#reflect(plural, name) }))
  }

  /** Waits for nothing: the webhooks are there for others. */
  start(): this {
    const { leadership, certificates } = this.#parts
    for (const { found } of this.#followed) {
      found.follow(() => this.#putRight())
      void found.start()
    }
    certificates.follow(() => this.#putRight())
    leadership.follow((leads) => {
      this.#leads = leads
      this.#cancelRetry()
      if (leads) this.#putRight()
      else this.#forget()
    })
    return this
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry()
    await Promise.all(this.#followed.map(({ found }) => found.stop()))
  }

  #reflect(plural: string, name: string): Reflector<Configuration> {
    const kind: WatchedKind = { group: 'admissionregistration.k8s.io', versions: ['v1'], plural }
    return new Reflector(
      { kind, fieldSelector: `metadata.name=${name}`, project: projectConfiguration },
      this.#ports,
    )
  }

  #putRight(): void {
    if (!this.#leads || this.#stopped) return
    const caBundle = Buffer.from(this.#parts.certificates.roots()).toString('base64')
    for (const { plural, found } of this.#followed) {
      for (const configuration of found.items().values()) {
        void this.#patch(plural, configuration, caBundle)
      }
    }
  }

  async #patch(plural: string, configuration: Configuration, caBundle: string): Promise<void> {
    const { client, health, log } = this.#ports
    const { name } = configuration
    const steps = stepsTo(configuration, caBundle)
    const subject = `${plural} ${name}`
    if (this.#busy.has(subject)) this.#busy.set(subject, true)
    if (steps.length === 0) health.clear(caBundleUnpatched, subject)
    if (steps.length === 0 || this.#busy.has(subject)) return
    this.#busy.set(subject, false)
    try {
      await client.call({
        method: 'PATCH',
        path: `/apis/admissionregistration.k8s.io/v1/${plural}/${encodeURIComponent(name)}`,
        query: { fieldManager: 'meshdns' },
        contentType: patchTypes.json,
        body: steps,
      })
      log.info({ name, type: plural }, 'the cluster knows the root of the webhooks')
    } catch (error) {
      if (!isOvertaken(error)) health.set(caBundleUnpatched, `${name}: ${reasonOf(error)}`, subject)
      this.#retryLater()
    }
    const isAgain = this.#busy.get(subject)
    this.#busy.delete(subject)
    if (isAgain) this.#putRight()
  }

  /** Whoever leads now says what is wrong. */
  #forget(): void {
    const { health } = this.#ports
    for (const { plural, found } of this.#followed) {
      for (const { name } of found.items().values()) {
        health.clear(caBundleUnpatched, `${plural} ${name}`)
      }
    }
  }

  #retryLater(): void {
    this.#cancelRetry()
    if (!this.#stopped) this.#cancelRetry = this.#ports.clock.after(retryMs, () => this.#putRight())
  }
}

/** Whether somebody else changed it at the same time. */
function isOvertaken(error: unknown): boolean {
  return isApiFailure(error, 409) || isApiFailure(error, 422) || isApiFailure(error, 404)
}

/** A patch that holds for just this version of the configuration (RFC 6902); nothing when it is right already. */
function stepsTo({ resourceVersion, webhooks }: Configuration, caBundle: string) {
  const steps = webhooks.flatMap((webhook, at) =>
    webhook.caBundle === caBundle
      ? []
      : [
          { op: 'test', path: `/webhooks/${at}/name`, value: webhook.name },
          { op: 'add', path: `/webhooks/${at}/clientConfig/caBundle`, value: caBundle },
        ],
  )
  if (steps.length === 0) return []
  return [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...steps]
}

function projectConfiguration({ metadata, webhooks }: PlainMap): Configuration | undefined {
  const { name, resourceVersion } = isPlainMap(metadata) ? metadata : {}
  if (typeof name !== 'string' || typeof resourceVersion !== 'string') return undefined
  const list = Array.isArray(webhooks) ? webhooks.filter(isPlainMap) : []
  return {
    name,
    resourceVersion,
    webhooks: list.map(({ name: webhook, clientConfig }) => {
      const { caBundle } = isPlainMap(clientConfig) ? clientConfig : {}
      return { name: String(webhook), caBundle: typeof caBundle === 'string' ? caBundle : '' }
    }),
  }
}
