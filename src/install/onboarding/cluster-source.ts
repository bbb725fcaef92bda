import { CodedError } from '../../base/coded-error.ts'
import { reasonOf } from '../../base/reason-of.ts'
import {
  clusterNames,
  rootKey,
  sharedNames,
  tokenAudience,
} from '../../config/cluster-object-names.ts'
import type { ControlPlaneConfig } from '../../config/control-plane-config.ts'
import { valueAt } from '../../config/layer.ts'
import { type MeshNames, meshNames } from '../../config/mesh-names.ts'
import { type ClusterText, readClusterMesh } from '../../config/read-cluster-mesh.ts'
import { readDocuments } from '../../documents/documents.ts'
import { formatFinding } from '../../documents/finding.ts'
import { mapAt, mapsAt, type PlainMap, textAt } from '../../documents/plain-map.ts'
import type { IpAddress } from '../../ip/address.ts'
import { isApiFailure } from '../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { findObject } from '../../kubernetes/client/find-object.ts'
import {
  proxyConfigKind,
  type SourceKind,
  workloadGroupKind,
} from '../../kubernetes/source/source-kinds.ts'
import { groupPath } from '../../kubernetes/watch/watched-kind.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import { parseObject } from '../../translate/parse-object.ts'
import { ingressAddressOf } from './ingress-address.ts'
import type { OnboardingSource, TokenWish } from './source.ts'

/** A cluster does not say what a machine needs to join its mesh. */
export class ClusterMeshError extends CodedError {
  override readonly code = 'INSTALL_CLUSTER_MESH'

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { hint, ...(cause === undefined ? {} : { cause }) })
  }
}

/** Which control plane of a cluster. */
export interface ClusterSourceOptions {
  readonly namespace: string
  /** Empty, or `default`, for the only one. */
  readonly revision: string
  /** Where it is said, the cluster need not say it. */
  readonly clusterId: string | undefined
}

const kinds = [workloadGroupKind, proxyConfigKind]

/** What a cluster says of the mesh, to whoever asks with rights of their own. */
export class ClusterSource implements OnboardingSource {
  readonly #client: Pick<ClusterClient, 'call'>
  readonly #options: ClusterSourceOptions
  #config: Promise<ControlPlaneConfig> | undefined

  constructor(client: Pick<ClusterClient, 'call'>, options: ClusterSourceOptions) {
    this.#client = client
    this.#options = options
  }

  /** @throws {ClusterMeshError} when the ConfigMaps cannot be read, or make no sense. */
  config(): Promise<ControlPlaneConfig> {
    this.#config ??= this.#readConfig()
    return this.#config
  }

  async names(): Promise<MeshNames> {
    const { revision } = this.#options
    const own = {
      trustDomain: 'cluster.local',
      clusterId: '',
      revisions: [revision],
      serverNames: [],
    }
    return meshNames(await this.config(), own)
  }

  /** Objects that make no sense are left out, as the controller does. */
  async objects(namespace: string): Promise<readonly MeshObject[]> {
    const { mesh } = await this.config()
    const places = new Set([namespace, mesh.rootNamespace])
    const lists = [...places].flatMap((place) => kinds.map((kind) => this.#list(kind, place)))
    return (await Promise.all(lists)).flat()
  }

  async ingressAddress(namespace: string, service: string): Promise<IpAddress | undefined> {
    return ingressAddressOf(await findObject(this.#client, pathOf(namespace, 'services', service)))
  }

  /** @throws {ClusterMeshError} when there are none. */
  async rootCertificates(namespace: string): Promise<string> {
    const name = sharedNames.rootConfigMap
    for (const place of new Set([namespace, this.#options.namespace])) {
      const map = await findObject(this.#client, pathOf(place, 'configmaps', name))
      const roots = valueAt(map, ['data', rootKey])
      if (typeof roots === 'string' && roots !== '') return roots
    }
    throw new ClusterMeshError(
      `there is no ConfigMap ${namespace}/${name} with root certificates`,
      'The controller writes one into every namespace: see whether it runs, and `kubectl get namespace`.',
    )
  }

  /** @throws {ClusterMeshError} when the cluster gives none. */
  async issueToken({ namespace, serviceAccount, durationSeconds }: TokenWish): Promise<string> {
    const spec = { audiences: [tokenAudience], expirationSeconds: durationSeconds }
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    const path = `${pathOf(namespace, 'serviceaccounts', serviceAccount)}/token`
    const answer = await this.#client
      .call({ method: 'POST', path, body })
      .catch((cause: unknown) => {
        throw new ClusterMeshError(
          `the cluster gives no token for ${namespace}/${serviceAccount}`,
          isApiFailure(cause, 404)
            ? `Make the account: kubectl create serviceaccount ${serviceAccount} -n ${namespace}`
            : 'It gives none for less than 600 seconds (--tokenDuration), and you need the right to create serviceaccounts/token.',
          cause,
        )
      })
    const token = valueAt(answer, ['status', 'token'])
    if (typeof token === 'string') return token
    throw new ClusterMeshError('the cluster answered without a token', 'See its log.')
  }

  async #readConfig(): Promise<ControlPlaneConfig> {
    const { namespace, revision, clusterId } = this.#options
    const names = clusterNames({ namespace, revision })
    const mesh = await this.#text(names.meshConfigMap, 'mesh')
    const values = await this.#text(names.injectorConfigMap, 'values').catch((error: unknown) => {
      if (clusterId !== undefined) return undefined
      throw error
    })
    const texts = { mesh, namespace, revision, ...(values ? { values } : {}) }
    const { config, findings } = readClusterMesh(texts)
    if (config) return config
    throw new ClusterMeshError(
      findings.map(formatFinding).join('\n'),
      `Mend it: kubectl edit configmap -n ${namespace}`,
    )
  }

  /** @throws {ClusterMeshError} when it cannot be read; a key that is not there is an empty text. */
  async #text(name: string, key: string): Promise<ClusterText> {
    const { namespace } = this.#options
    const file = `ConfigMap ${namespace}/${name}`
    const map = await this.#client
      .call({ path: pathOf(namespace, 'configmaps', name) })
      .catch((cause: unknown) => {
        throw new ClusterMeshError(
          `${file} cannot be read: ${reasonOf(cause)}`,
          hintOf(cause),
          cause,
        )
      })
    return { text: textAt(map['data'], key), file }
  }

  /** In the first version that the cluster serves; none where it knows the kind in no version. */
  async #list(
    { kind, watched: { group, versions, plural } }: SourceKind,
    namespace: string,
  ): Promise<readonly MeshObject[]> {
    for (const version of versions) {
      const apiVersion = `${group}/${version}`
      const place = `${groupPath(group, version)}/namespaces/${encodeURIComponent(namespace)}`
      const path = `${place}/${plural}`
      const list = await findObject(this.#client, path)
      if (!list) continue
      return mapsAt(list, 'items').flatMap((item) => parseItem({ apiVersion, kind, ...item }))
    }
    return []
  }
}

/** What to do depends on whether the cluster said that there is none. */
function hintOf(cause: unknown): string {
  if (!isApiFailure(cause, 404) && cause instanceof CodedError && cause.hint) return cause.hint
  return 'Install a control plane (`meshdns install`), or name the one that is there with --istioNamespace and --revision.'
}

function pathOf(namespace: string, plural: string, name: string): string {
  const words = [namespace, plural, name].map(encodeURIComponent)
  return `/api/v1/namespaces/${words.join('/')}`
}

function parseItem(item: PlainMap): readonly MeshObject[] {
  const { namespace, name } = mapAt(item, 'metadata')
  const file = `${String(item['kind'])} ${String(namespace)}/${String(name)}`
  const { documents } = readDocuments(JSON.stringify(item), file)
  return documents.flatMap(
    (document) => parseObject(document, { defaultNamespace: 'default' }).object ?? [],
  )
}
