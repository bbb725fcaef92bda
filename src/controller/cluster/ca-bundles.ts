import { OneAtATime } from '../../base/one-at-a-time.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { type ClusterPlace, clusterNames } from '../../config/cluster-object-names.ts'
import { mapAt, mapsAt, type PlainMap, textAt } from '../../documents/plain-map.ts'
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
  readonly resourceVersion: string
  readonly webhooks: readonly Webhook[]
}

const retryMs = 10_000

/**
 * Has the API server know our webhooks by our roots: in the configurations of our names, and nowhere else.
 *
 * Only the leader writes; what somebody reverts, and a root that is rotated, is put right at once. Waits for nothing: the
 * webhooks are there for others.
 */
export function startCaBundles(parts: CaBundleParts, ports: ReflectorPorts): Running {
  const { validator, injector } = clusterNames(parts.place)
  const bundles = [
    new CaBundle('validatingwebhookconfigurations', validator, { ...parts, ...ports }),
    new CaBundle('mutatingwebhookconfigurations', injector, { ...parts, ...ports }),
  ]
  for (const bundle of bundles) bundle.start()
  return {
    async stop() {
      await Promise.all(bundles.map((bundle) => bundle.stop()))
    },
  }
}

/** The roots in one configuration. */
class CaBundle implements Running {
  readonly #plural: string
  readonly #name: string
  readonly #parts: CaBundleParts & ReflectorPorts
  readonly #found: Reflector<Configuration>
  readonly #looks = new OneAtATime(() => this.#putRight())
  #leads = false
  #cancelRetry = () => {}

  constructor(plural: string, name: string, parts: CaBundleParts & ReflectorPorts) {
    this.#plural = plural
    this.#name = name
    this.#parts = parts
    const kind: WatchedKind = { group: 'admissionregistration.k8s.io', versions: ['v1'], plural }
    this.#found = new Reflector(
      { kind, fieldSelector: `metadata.name=${name}`, project: projectConfiguration },
      parts,
    )
  }

  start(): void {
    const { leadership, certificates } = this.#parts
    const look = () => void this.#looks.run()
    this.#found.follow(look)
    certificates.follow(look)
    leadership.follow((leads) => {
      this.#leads = leads
      look()
    })
    void this.#found.start()
  }

  async stop(): Promise<void> {
    this.#leads = false
    this.#cancelRetry()
    await this.#found.stop()
  }

  async #putRight(): Promise<void> {
    const { certificates, client, clock, health, log } = this.#parts
    const [plural, name] = [this.#plural, this.#name]
    const subject = `${plural} ${name}`
    this.#cancelRetry()
    const [configuration] = this.#found.items().values()
    const steps = this.#leads && configuration ? stepsTo(configuration, certificates.roots()) : []
    if (steps.length === 0) {
      health.clear(caBundleUnpatched, subject)
      return
    }
    try {
      await client.call({
        method: 'PATCH',
        path: `/apis/admissionregistration.k8s.io/v1/${plural}/${encodeURIComponent(name)}`,
        contentType: patchTypes.json,
        body: steps,
      })
      log.info({ name, type: plural }, 'the cluster knows the root of the webhooks')
    } catch (error) {
      // Whoever leads now says what is wrong.
      if (!this.#leads) return
      if (!isOvertaken(error)) health.set(caBundleUnpatched, `${name}: ${reasonOf(error)}`, subject)
      this.#cancelRetry = clock.after(retryMs, () => void this.#looks.run())
    }
  }
}

/** Whether somebody else changed it at the same time. */
function isOvertaken(error: unknown): boolean {
  return isApiFailure(error, 409) || isApiFailure(error, 422) || isApiFailure(error, 404)
}

/** A patch that holds for just this version of the configuration (RFC 6902); nothing when it is right already. */
function stepsTo({ resourceVersion, webhooks }: Configuration, roots: string) {
  const caBundle = Buffer.from(roots).toString('base64')
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

function projectConfiguration(configuration: PlainMap): Configuration | undefined {
  const { resourceVersion } = mapAt(configuration, 'metadata')
  if (typeof resourceVersion !== 'string') return undefined
  return {
    resourceVersion,
    webhooks: mapsAt(configuration, 'webhooks').map(({ name: webhook, clientConfig }) => ({
      name: String(webhook),
      caBundle: textAt(clientConfig, 'caBundle'),
    })),
  }
}
