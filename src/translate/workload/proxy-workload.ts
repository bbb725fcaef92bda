import {
  type EffectiveProxyConfig,
  effectiveProxyConfig,
  type ProxyWorkload,
} from '../../config/effective-proxy-config.ts'
import type { MeshConfig } from '../../config/mesh-config.ts'
import {
  proxyAnnotation,
  readProxyAnnotation,
  readProxyText,
} from '../../config/proxy-annotation.ts'
import type { Finding } from '../../documents/finding.ts'
import type { Labels, MeshObject, Pod, WorkloadEntry, WorkloadGroup } from '../mesh-object.ts'

/** An object that stands for one proxy, or for those of a group. */
export type ProxyObject = WorkloadGroup | WorkloadEntry | Pod

const kinds: readonly MeshObject['kind'][] = ['WorkloadGroup', 'WorkloadEntry', 'Pod']

/**
 * The workload that `NAME` or `NAME.NAMESPACE` means; of several objects the group, then the entry, then the pod.
 *
 * Names may hold dots: the whole text is tried as a name first, in the namespace given.
 */
export function findProxyObject(
  objects: Iterable<MeshObject>,
  text: string,
  namespace: string,
): ProxyObject | undefined {
  const all = [...objects].filter(isProxyObject)
  const dot = text.lastIndexOf('.')
  const spelt = [{ name: text, namespace }]
  if (dot > 0) spelt.push({ name: text.slice(0, dot), namespace: text.slice(dot + 1) })
  return spelt
    .flatMap((one) =>
      all.filter(({ meta }) => meta.name === one.name && meta.namespace === one.namespace),
    )
    .toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))[0]
}

/** `undefined` when an annotation makes no sense; the findings say where. */
export interface ProxySettings {
  readonly effective?: EffectiveProxyConfig
  readonly findings: readonly Finding[]
}

/** The settings of a workload, of its own annotations and of the ProxyConfigs among the objects. */
export function proxySettingsOf(
  object: ProxyObject,
  mesh: MeshConfig,
  objects: Iterable<MeshObject>,
): ProxySettings {
  const all = [...objects]
  const { workload, findings } = proxyWorkloadOf(object, all)
  if (findings.some(({ severity }) => severity === 'error')) return { findings }
  const resources = all.flatMap((one) => (one.kind === 'ProxyConfig' ? [one.resource] : []))
  return { effective: effectiveProxyConfig(mesh, resources, workload), findings }
}

/** An entry has the annotations of the group that it registered itself for below its own. */
function proxyWorkloadOf(object: ProxyObject, objects: readonly MeshObject[]) {
  const { meta } = object
  const group = meta.annotations.get('istio.io/autoRegistrationGroup')
  const above =
    object.kind === 'WorkloadEntry' && group !== undefined
      ? objects.filter(
          (one) =>
            one.kind === 'WorkloadGroup' &&
            one.meta.name === group &&
            one.meta.namespace === meta.namespace,
        )
      : []
  const reads = [...above.filter(isProxyObject), object].flatMap(annotationsOf)
  const workload: ProxyWorkload = {
    namespace: meta.namespace,
    labels: labelsOf(object),
    annotations: reads.flatMap(({ layer }) => layer ?? []),
  }
  return { workload, findings: reads.flatMap(({ findings }) => findings) }
}

/** What is said of a group's machines goes over what is said of the group. */
function annotationsOf(object: ProxyObject) {
  const { kind, meta } = object
  const paths = [['metadata', 'annotations']]
  if (kind === 'WorkloadGroup') paths.push(['spec', 'metadata', 'annotations'])
  const { document, annotations, origin } = meta
  if (document.value !== undefined) {
    return paths.map((path) => readProxyAnnotation(document, path, origin))
  }
  // Nothing is kept of the texts of a cluster but the annotations of its objects.
  const place = `${origin.kind} ${origin.namespace}/${origin.name}`
  const template = kind === 'WorkloadGroup' ? object.annotations : new Map<string, string>()
  const texts = [
    { text: annotations.get(proxyAnnotation), file: `${place} ${proxyAnnotation}` },
    { text: template.get(proxyAnnotation), file: `${place} spec.metadata ${proxyAnnotation}` },
  ]
  return texts.flatMap(({ text, file }) =>
    text === undefined ? [] : [readProxyText(text, { level: 'annotation', file })],
  )
}

function labelsOf(object: ProxyObject): Labels {
  if (object.kind === 'Pod') return object.meta.labels
  if (object.kind === 'WorkloadEntry') return object.labels
  return new Map([...object.template.labels, ...object.labels])
}

export function isProxyObject(object: MeshObject): object is ProxyObject {
  return kinds.includes(object.kind)
}
