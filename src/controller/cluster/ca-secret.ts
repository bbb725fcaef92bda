import type { Clock } from '../../base/clock.ts'
import { CodedError } from '../../base/coded-error.ts'
import { ownLabels, sharedNames } from '../../config/cluster-object-names.ts'
import { asMap, type PlainMap } from '../../documents/plain-map.ts'
import {
  type CaChange,
  type CaFileName,
  type CaStore,
  type CaTexts,
  caFileNames,
} from '../../identity/ca-store.ts'
import { isApiFailure } from '../../kubernetes/client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../../kubernetes/client/cluster-client.ts'
import { findObject } from '../../kubernetes/client/find-object.ts'

/** When the certificate that signs was put there; a Secret itself does not know. */
const signsSince = 'meshdns.io/signs-since'

/** The CA of the cluster is not ours to change. Nothing was done. */
export class CaNotOursError extends CodedError {
  override readonly code = 'CONTROLLER_CA_NOT_OURS'

  constructor(place: string) {
    super(`${place} holds a CA that somebody brought, and that we do not change`, {
      hint: 'Replace what is in the Secret as you made it: first `root-cert.pem` with both roots, later the other files. The controller follows.',
    })
  }
}

/** What tells of changes of a Secret: a reflector of it. */
export interface SecretChanges {
  follow(onChange: () => void): void
}

export interface CaSecretParts {
  readonly client: Pick<ClusterClient, 'call'>
  /** Of the controller. */
  readonly namespace: string
  readonly clock: Clock
  /** Of both Secrets; without them, changes are not heard of. */
  readonly changes?: readonly SecretChanges[]
}

interface Held {
  readonly name: string
  readonly resourceVersion: string
}

/**
 * The CA of a cluster: what is in Secret `cacerts`, else in `istio-ca-secret`.
 *
 * The latter is made by whoever comes first; what is there already is never written over but by a step of a rotation,
 * which holds for the version that it was made for only.
 */
export class CaSecret implements CaStore {
  readonly #client: Pick<ClusterClient, 'call'>
  readonly #namespace: string
  readonly #clock: Clock
  readonly follow?: (onChange: () => void) => void
  #held: Held | undefined

  constructor({ client, namespace, clock, changes }: CaSecretParts) {
    this.#client = client
    this.#namespace = namespace
    this.#clock = clock
    if (changes) {
      this.follow = (onChange) => {
        for (const one of changes) one.follow(onChange)
      }
    }
  }

  get place(): string {
    return `Secret ${this.#namespace}/${this.#held?.name ?? sharedNames.caSecret}`
  }

  /** @throws {ApiFailure} when the cluster does not say. */
  async load(): Promise<CaTexts> {
    for (const name of [sharedNames.ownCaSecret, sharedNames.caSecret]) {
      const secret = await findObject(this.#client, `${this.#path}/${name}`)
      if (!secret) continue
      const { resourceVersion, ...texts } = readSecret(secret)
      this.#held = { name, resourceVersion }
      return texts
    }
    this.#held = undefined
    return { files: {}, isTaken: false, signsSince: 0 }
  }

  /**
   * @throws {CaNotOursError} when the user brought it.
   * @throws {ApiFailure} when the cluster does not do it.
   */
  async change(changes: readonly CaChange[]): Promise<boolean> {
    if (this.#held?.name === sharedNames.ownCaSecret) throw new CaNotOursError(this.place)
    try {
      await (this.#held ? this.#patch(this.#held, changes) : this.#create(changes))
      return true
    } catch (error) {
      if (isApiFailure(error, 409)) return false
      throw error
    }
  }

  async #create(changes: readonly CaChange[]): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      // The type that Istio gives it.
      type: 'istio.io/ca-root',
      metadata: { name: sharedNames.caSecret, namespace: this.#namespace, labels: ownLabels },
      data: dataOf(changes),
    }
    await this.#client.call({ method: 'POST', path: this.#path, body })
  }

  async #patch({ name, resourceVersion }: Held, changes: readonly CaChange[]): Promise<void> {
    const isOther = changes.some(([file]) => file === caFileNames.certificate)
    const annotations = isOther ? { [signsSince]: new Date(this.#clock.wall()).toISOString() } : {}
    await this.#client.call({
      method: 'PATCH',
      path: `${this.#path}/${name}`,
      contentType: patchTypes.merge,
      body: { metadata: { resourceVersion, annotations }, data: dataOf(changes) },
    })
  }

  get #path(): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.#namespace)}/secrets`
  }
}

/** `null` takes a key away. */
function dataOf(changes: readonly CaChange[]): Record<string, string | null> {
  const data = changes.map(([name, text]): [string, string | null] => [
    name,
    text === undefined ? null : Buffer.from(text).toString('base64'),
  ])
  return Object.fromEntries(data)
}

/** Names of cert-manager, which Istio takes as well, and what is in them. */
const otherNames: Readonly<Partial<Record<CaFileName, string>>> = {
  [caFileNames.certificate]: 'tls.crt',
  [caFileNames.chain]: 'tls.crt',
  [caFileNames.key]: 'tls.key',
  [caFileNames.roots]: 'ca.crt',
}

function readSecret(secret: PlainMap): CaTexts & { readonly resourceVersion: string } {
  const metadata = asMap(secret['metadata'])
  const data = asMap(secret['data'])
  const annotations = asMap(metadata['annotations'])
  const isIstios = data[caFileNames.certificate] !== undefined
  const files: Partial<Record<CaFileName, string>> = {}
  for (const name of Object.values(caFileNames)) {
    const value = data[isIstios ? name : (otherNames[name] ?? name)]
    if (typeof value === 'string' && value !== '') {
      files[name] = Buffer.from(value, 'base64').toString('utf8')
    }
  }
  const since = Date.parse(String(annotations[signsSince] ?? metadata['creationTimestamp']))
  const resourceVersion = String(metadata['resourceVersion'])
  return { files, isTaken: true, signsSince: Number.isNaN(since) ? 0 : since, resourceVersion }
}
