import { closestWord } from '../base/closest-word.ts'
import type { ObjectDocument } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { asMap, isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import { Report } from '../documents/report.ts'
import { parseEndpointSlice } from './kubernetes/endpoint-slice.ts'
import { parseNamespace, parseNode } from './kubernetes/node.ts'
import { parsePod } from './kubernetes/pod.ts'
import { parseKubernetesService } from './kubernetes/service.ts'
import { parseServiceImport } from './kubernetes/service-import.ts'
import type { MeshObject } from './mesh-object.ts'
import { readMeta } from './object-meta.ts'
import { parseServiceEntry } from './service-entry/parse.ts'
import { parseSidecar } from './sidecar/parse.ts'
import type { Unparsed } from './unparsed.ts'
import { parseProxyConfig } from './workload/proxy-config.ts'
import { parseWorkloadEntry } from './workload/workload-entry.ts'
import { parseWorkloadGroup } from './workload/workload-group.ts'

export interface ParseOptions {
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string
  /** Whether hosts without an address get a virtual one; some warnings depend on it. Default true. */
  readonly autoAllocate?: boolean
}

export interface Parsed {
  /** Missing when there was an error, or when the kind is not ours. */
  readonly object?: MeshObject
  readonly findings: readonly Finding[]
}

interface Kind {
  readonly versions: readonly string[]
  /** Its objects are in no namespace. */
  readonly isClusterWide?: boolean
  parse(unparsed: Unparsed): MeshObject | undefined
}

const istio = [
  'networking.istio.io/v1',
  'networking.istio.io/v1beta1',
  'networking.istio.io/v1alpha3',
]

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['ServiceEntry', { versions: istio, parse: parseServiceEntry }],
  ['WorkloadEntry', { versions: istio, parse: parseWorkloadEntry }],
  ['WorkloadGroup', { versions: istio, parse: parseWorkloadGroup }],
  ['ProxyConfig', { versions: ['networking.istio.io/v1beta1'], parse: parseProxyConfig }],
  ['Sidecar', { versions: istio, parse: parseSidecar }],
  ['Service', { versions: ['v1'], parse: parseKubernetesService }],
  ['EndpointSlice', { versions: ['discovery.k8s.io/v1'], parse: parseEndpointSlice }],
  ['Pod', { versions: ['v1'], parse: parsePod }],
  ['Node', { versions: ['v1'], isClusterWide: true, parse: parseNode }],
  ['Namespace', { versions: ['v1'], isClusterWide: true, parse: parseNamespace }],
  ['ServiceImport', { versions: ['multicluster.x-k8s.io/v1alpha1'], parse: parseServiceImport }],
])

/** Checks one object and gives it its type. Never throws: what is wrong with it is a finding. */
export function parseObject(document: ObjectDocument, options: ParseOptions): Parsed {
  return parseValue(document.value, document, options)
}

/** As `parseObject`, for a value that does not stand in the document; the document says the place of findings. */
export function parseValue(
  value: unknown,
  document: ObjectDocument,
  options: ParseOptions,
): Parsed {
  if (!isPlainMap(value) || typeof value['kind'] !== 'string' || value['kind'] === '') {
    return { findings: [notAnObject(document)] }
  }
  const isClusterWide = kinds.get(value['kind'])?.isClusterWide ?? false
  const defaultNamespace = isClusterWide ? '' : options.defaultNamespace
  const reference = referenceOf(value, defaultNamespace)
  const report = new Report(document, reference)
  const kind = recogniseKind(value, report)
  if (!kind) return { findings: report.findings }
  const { autoAllocate = true } = options
  const subject = { kind: reference.kind, document, defaultNamespace, isClusterWide }
  const meta = readMeta(value['metadata'], subject, report)
  const object = meta && kind.parse({ raw: value, meta, report, autoAllocate })
  const { findings } = report
  return object === undefined || report.failed ? { findings } : { object, findings }
}

function recogniseKind(raw: PlainMap, report: Report): Kind | undefined {
  const name = String(raw['kind'])
  const version = raw['apiVersion']
  const kind = kinds.get(name)
  const [group] = typeof version === 'string' ? version.split('/') : []
  const ours = kind?.versions.some((known) => known.split('/')[0] === group)
  if (kind && typeof version === 'string' && kind.versions.includes(version)) return kind
  if (kind && (ours || typeof version !== 'string')) {
    report.error({
      code: 'API_VERSION',
      path: ['apiVersion'],
      message: `${JSON.stringify(version ?? null)} is not a version of ${name}`,
      hint: `Write apiVersion: ${kind.versions.join(' or ')}.`,
    })
    return undefined
  }
  const meant = kind ? undefined : closestWord(name, kinds.keys())
  report.notice({
    code: 'UNKNOWN_KIND',
    path: ['kind'],
    message: `${name} (${typeof version === 'string' ? version : 'no apiVersion'}) is skipped`,
    ...(meant === undefined ? {} : { hint: `Did you mean "${meant}"?` }),
  })
  return undefined
}

function referenceOf(raw: PlainMap, defaultNamespace: string) {
  const metadata = asMap(raw['metadata'])
  const { name, namespace } = metadata
  return {
    kind: String(raw['kind']),
    namespace: typeof namespace === 'string' ? namespace : defaultNamespace,
    name: typeof name === 'string' ? name : '',
  }
}

function notAnObject(document: ObjectDocument): Finding {
  return {
    severity: 'error',
    code: 'NOT_AN_OBJECT',
    message: 'this is not a Kubernetes-style object: it has no kind',
    path: '',
    file: document.file,
    line: document.line,
    column: document.column,
    hint: 'Begin every document with apiVersion, kind and metadata.',
  }
}
