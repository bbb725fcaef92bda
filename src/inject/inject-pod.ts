import { effectiveProxyConfig } from '../config/effective-proxy-config.ts'
import { tryParseBoolean } from '../config/go-boolean.ts'
import { type ProxyLayerRead, proxyAnnotation, readProxyText } from '../config/proxy-annotation.ts'
import { formatFinding } from '../documents/finding.ts'
import type { PlainMap } from '../documents/plain-map.ts'
import { type Injection, metadataFaults } from './agent-environment.ts'
import { agentContainer, agentName, captureContainer, captureName } from './containers.ts'
import type { InjectionMesh } from './injection-mesh.ts'
import { readStatus } from './injection-status.ts'
import { overlayContainer } from './overlay-container.ts'
import { annotationsOf, labelsOf, listOf, type Named, type Pod } from './pod-parts.ts'
import { podWarnings } from './pod-warnings.ts'
import { type InjectedParts, putIn, takeOut } from './put-in.ts'
import { readResourceWishes } from './resource-wishes.ts'
import { readTrafficWishes } from './traffic-wishes.ts'
import { agentVolumes } from './volumes.ts'
import { whetherToInject } from './whether-to-inject.ts'
import { type Workload, workloadOfPod } from './workload-of-pod.ts'

export interface InjectionRequest {
  readonly pod: Pod
  readonly namespace: string
  /** Missing when nobody knows them: then the pod was given to us because they are right. */
  readonly namespaceLabels?: ReadonlyMap<string, string>
  readonly mesh: InjectionMesh
  /** What makes the pod; by its owner when not given. */
  readonly workload?: Workload
  /** Reads the annotation of the pod; its text alone when not given. */
  readonly readAnnotation?: () => ProxyLayerRead
}

export type InjectionOutcome =
  | { readonly kind: 'injected'; readonly pod: Pod; readonly warnings: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** It asks for what makes no sense; for people, a fault a line. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

/** Keeps what a pod's author wants otherwise in our containers, for a second pass (Istio has it, too). */
const overridesAnnotation = 'proxy.istio.io/overrides'

/**
 * A pod as it shall be: with an agent, and with capture where the mesh or the pod switches it on.
 *
 * A pod whose capture is off has the agent all the same, as with Istio, and whoever asks it at localhost:15053 is
 * answered; but there are no rules, and so no container that may set any. A second pass over the result changes nothing,
 * and puts our containers back to their place when somebody has put others before them.
 */
export function injectPod(request: InjectionRequest): InjectionOutcome {
  const { pod, namespace, mesh } = request
  const { values, revision } = mesh
  const byDefault = values.sidecarInjectorWebhook?.enableNamespacesByDefault === true
  const decision = whetherToInject(pod, { ...request, revision, byDefault })
  if (!decision.inject) return { kind: 'skipped', reason: decision.reason }
  const status = readStatus(pod)
  if (status === 'foreign') return { kind: 'skipped', reason: 'it has a sidecar of somebody else' }
  const plain = status ? takeOut(pod, status) : pod
  const read = readPod(plain, request)
  if ('faults' in read) return { kind: 'refused', faults: read.faults }
  const workload = request.workload ?? workloadOfPod(plain)
  const parts = partsOf({ pod: plain, namespace, mesh, workload, ...read.found }, read)
  const warnings = [...decision.warnings, ...read.warnings]
  const injected = putIn({ pod, plain: withoutCustom(plain, read.found.captured), status }, parts)
  return { kind: 'injected', pod: injected, warnings }
}

interface PodRead {
  readonly found: Omit<Injection, 'pod' | 'namespace' | 'mesh' | 'workload'>
  readonly traffic: ReturnType<typeof readTrafficWishes>
  readonly resources: PlainMap
  readonly warnings: readonly string[]
}

function readPod(
  pod: Pod,
  { namespace, mesh, workload, readAnnotation }: InjectionRequest,
): PodRead | { readonly faults: readonly string[] } {
  const annotations = annotationsOf(pod)
  const text = annotations.get(proxyAnnotation) ?? ''
  const place = { level: 'annotation', file: `annotation ${proxyAnnotation}` }
  const { layer, findings } = readAnnotation?.() ?? (text ? readProxyText(text, place) : noLayer)
  const errors = findings.filter(({ severity }) => severity === 'error').map(formatFinding)
  const effective = effectiveProxyConfig(mesh.mesh, mesh.proxyResources, {
    namespace,
    labels: labelsOf(pod),
    annotations: layer ? [layer] : [],
  })
  const traffic = readTrafficWishes(annotations, mesh.values)
  const { resources, faults } = readResourceWishes(annotations, mesh.values)
  const captured = switchOf(effective.config.proxyMetadata)
  const native = nativeOf(annotations, mesh)
  const all = [
    ...errors,
    ...metadataFaults(effective),
    ...traffic.faults,
    ...faults,
    ...(captured === undefined ? [`${captureSwitch} is neither true nor false`] : []),
  ]
  if (all.length > 0 || captured === undefined) return { faults: all }
  const found = { effective, captured, native }
  const said = findings.filter(({ severity }) => severity === 'warning').map(formatFinding)
  return {
    found,
    traffic,
    resources,
    warnings: [
      ...said,
      ...traffic.warnings,
      ...podWarnings(pod, { ...found, mesh, workload: workload ?? workloadOfPod(pod) }),
    ],
  }
}

const noLayer: ProxyLayerRead = { findings: [] }
const captureSwitch = 'proxyMetadata ISTIO_META_DNS_CAPTURE'

/** `undefined` when it is neither on nor off. */
function switchOf(metadata: ReadonlyMap<string, string>): boolean | undefined {
  return tryParseBoolean(metadata.get('ISTIO_META_DNS_CAPTURE') ?? '')
}

/** The pod's word, then the installation's, then what the cluster can. */
function nativeOf(annotations: ReadonlyMap<string, string>, mesh: InjectionMesh): boolean {
  const said = [
    annotations.get('sidecar.istio.io/nativeSidecar'),
    mesh.values.pilot?.env?.['ENABLE_NATIVE_SIDECARS'],
  ].map(String)
  const word = said.find((text) => text === 'true' || text === 'false')
  return word === undefined ? mesh.nativeSidecars : word === 'true'
}

function partsOf(injection: Injection, { traffic, resources }: PodRead): InjectedParts {
  const { pod, mesh, native, captured } = injection
  const { values, revision } = mesh
  const agent = customOf(pod, agentName)
  const capture = captured ? customOf(pod, captureName) : undefined
  const held = annotationsOf(pod)
  const told = {
    ...values.sidecarInjectorWebhook?.injectedAnnotations,
    ...defaultContainer(injection),
  }
  const annotations = Object.entries(told).map(([key, value]) => [key, held.get(key) ?? value])
  const overrides = {
    ...(agent ? { containers: [agent] } : {}),
    ...(capture ? { initContainers: [capture] } : {}),
  }
  return {
    agent: overlayContainer(agentContainer(injection, resources), agent),
    ...(captured
      ? { capture: overlayContainer(captureContainer(injection, traffic.wishes), capture) }
      : {}),
    native,
    volumes: agentVolumes,
    imagePullSecrets: (values.global?.imagePullSecrets ?? []).map((name) => ({ name })),
    annotations: {
      ...(Object.fromEntries(annotations) as Record<string, string>),
      ...(agent || capture ? { [overridesAnnotation]: JSON.stringify(overrides) } : {}),
    },
    revision: revision === '' ? 'default' : revision,
  }
}

/** `kubectl exec` and `logs` mean the application, though the agent be the first in the list. */
function defaultContainer({ pod, native }: Injection): Readonly<Record<string, string>> {
  const [first] = listOf(pod, 'containers').filter(({ name }) => name !== agentName)
  if (native || !first) return {}
  const keys = ['default-container', 'default-logs-container']
  return Object.fromEntries(keys.map((key) => [`kubectl.kubernetes.io/${key}`, first.name]))
}

/** A container of ours as the pod's author began it, or as an earlier pass found it. */
function customOf(pod: Pod, name: typeof agentName | typeof captureName): Named | undefined {
  const find = (from: Pod) =>
    [
      // What runs with the application cannot be what sets the rules before it.
      ...(name === agentName ? listOf(from, 'containers') : []),
      ...listOf(from, 'initContainers'),
    ].find((one) => one.name === name)
  const held = find(pod)
  if (held) return held
  try {
    const spec: unknown = JSON.parse(annotationsOf(pod).get(overridesAnnotation) ?? '{}')
    return find({ spec })
  } catch {
    return undefined
  }
}

function withoutCustom(pod: Pod, captured: boolean): Pod {
  const initContainers = [agentName, ...(captured ? [captureName] : [])]
  const none = { volumes: [], imagePullSecrets: [] }
  return takeOut(pod, { containers: [agentName], initContainers, ...none })
}
