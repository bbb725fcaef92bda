import { readFileSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'
import { type ClusterPlace, clusterNames } from '../config/cluster-object-names.ts'
import type { ProxyResource } from '../config/proxy-resource.ts'
import { type ClusterText, readClusterMesh } from '../config/read-cluster-mesh.ts'
import { readDocuments } from '../documents/documents.ts'
import { type Finding, formatFinding } from '../documents/finding.ts'
import { mapAt, mapsAt, textAt } from '../documents/plain-map.ts'
import { hasNativeSidecars, type InjectionMesh } from '../inject/injection-mesh.ts'
import { readInjectorValues } from '../inject/injector-values.ts'
import type { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import { findObject } from '../kubernetes/client/find-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import type { Invocation } from './command.ts'
import { nameSaid } from './name-said.ts'
import { ConfigInvalidError } from './read-agent-options.ts'
import { printableLines } from './table.ts'
import { version } from './version.ts'

/** Where a control plane was meant there is none. */
export class ControlPlaneMissingError extends CodedError {
  override readonly code = 'CLI_CONTROL_PLANE_MISSING'

  constructor(namespace: string, configMap: string) {
    super(`there is no ConfigMap ${namespace}/${configMap}, and so no control plane`, {
      hint: 'Install one with `meshdns install`, or name the one that is there: its namespace with --istioNamespace, its revision with --revision, its cluster with --context.',
    })
  }
}

/**
 * What the mesh says about pods: files where they are named, else the ConfigMaps and ProxyConfigs of the cluster.
 *
 * A mesh from a file is the whole of it: then there need be no cluster.
 * @throws {ConfigInvalidError} when something cannot be read or makes no sense.
 * @throws {ControlPlaneMissingError} when the cluster has none.
 * @throws {UsageError} when a name cannot be.
 */
export async function readInjectionMesh(
  invocation: Pick<Invocation, 'options'>,
  client: ClusterClient | undefined,
): Promise<InjectionMesh> {
  const { options } = invocation
  const namespace = nameSaid(invocation, 'istioNamespace') ?? 'istio-system'
  const revision = nameSaid(invocation, 'revision') ?? ''
  const place = { namespace, revision }
  const meshFile = options.text('meshConfigFile')
  const valuesFile = options.text('valuesFile')
  const given = {
    ...(meshFile === undefined ? {} : { mesh: readText(meshFile) }),
    ...(valuesFile === undefined ? {} : { values: readText(valuesFile) }),
  }
  const asked = client ? await askCluster(client, place) : nothing
  return meshOf({ ...asked, ...given }, place)
}

/**
 * What the cluster says about pods of a control plane.
 * @throws {ConfigInvalidError} when it makes no sense.
 * @throws {ControlPlaneMissingError} when there is none.
 */
export async function readClusterInjection(
  client: ClusterClient,
  place: ClusterPlace,
): Promise<InjectionMesh> {
  return meshOf(await askCluster(client, place), place)
}

function meshOf({ native, proxyResources, ...texts }: Asked, place: ClusterPlace): InjectionMesh {
  const { config, findings } = readClusterMesh({ ...texts, ...place })
  const { text = '', file = 'values' } = texts.values ?? {}
  const values = readInjectorValues(text, file)
  if (!config || !values.values) throw refuse([...findings, ...values.findings])
  return {
    mesh: config.mesh,
    proxyResources,
    values: values.values,
    ...place,
    version: version(),
    nativeSidecars: native,
  }
}

interface Asked {
  readonly mesh?: ClusterText
  /** Of the injector. */
  readonly values?: ClusterText
  readonly proxyResources: readonly ProxyResource[]
  readonly native: boolean
}

const nothing: Asked = { proxyResources: [], native: true }

async function askCluster(client: ClusterClient, place: ClusterPlace): Promise<Asked> {
  const names = clusterNames(place)
  const read = async (name: string, key: string): Promise<ClusterText | undefined> => {
    const path = `/api/v1/namespaces/${encodeURIComponent(place.namespace)}/configmaps/${name}`
    const found = await findObject(client, path)
    const text = textAt(mapAt(found, 'data'), key)
    return found && { text, file: `ConfigMap ${place.namespace}/${name}` }
  }
  const [mesh, values, proxyResources, { gitVersion }] = await Promise.all([
    read(names.meshConfigMap, 'mesh'),
    read(names.injectorConfigMap, 'values'),
    readProxyConfigs(client),
    client.call({ path: '/version' }),
  ])
  if (!mesh) throw new ControlPlaneMissingError(place.namespace, names.meshConfigMap)
  return {
    mesh,
    ...(values ? { values } : {}),
    proxyResources,
    native: hasNativeSidecars(String(gitVersion)),
  }
}

async function readProxyConfigs(client: ClusterClient): Promise<readonly ProxyResource[]> {
  const path = '/apis/networking.istio.io/v1beta1/proxyconfigs'
  const objects = mapsAt(await findObject(client, path), 'items').map((item) => ({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    ...item,
  }))
  const { documents } = readDocuments(
    objects.map((one) => `---\n${JSON.stringify(one)}\n`).join(''),
    'proxyconfigs',
  )
  return documents.flatMap((document) => {
    const { object } = parseObject(document, { defaultNamespace: 'default' })
    return object?.kind === 'ProxyConfig' ? [object.resource] : []
  })
}

function readText(file: string): ClusterText {
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch (cause) {
    throw new ConfigInvalidError(`${file} cannot be read`, {
      cause,
      hint: 'Name a file that this user may read.',
    })
  }
}

function refuse(findings: readonly Finding[]): ConfigInvalidError {
  const errors = findings.filter(({ severity }) => severity === 'error')
  return new ConfigInvalidError(printableLines(errors.map(formatFinding).join('\n')))
}
