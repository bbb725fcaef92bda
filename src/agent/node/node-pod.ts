import { mapAt, mapsAt, type PlainMap, textsOf } from '../../documents/plain-map.ts'

/** How a pod wants its names resolved (Kubernetes: DNS for Services and Pods). */
export interface PodDns {
  readonly policy: string
  readonly nameservers: readonly string[]
  readonly searches: readonly string[]
  /** As in resolv.conf, such as `ndots:2`. */
  readonly options: readonly string[]
}

/** A pod as far as a node agent needs to know it. Plain data. */
export interface NodePod {
  /** As its node knows it. */
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly hostNetwork: boolean
  /** Has run to its end. */
  readonly ended: boolean
  /** `ambient.istio.io/dns-capture` says no. */
  readonly refusesCapture: boolean
  /** Has an agent of its own. */
  readonly hasSidecar: boolean
  readonly dns: PodDns
}

/** Reads a pod as it came off the wire; what makes no sense is taken as not said. */
export function readNodePod(raw: PlainMap): NodePod | undefined {
  const metadata = mapAt(raw, 'metadata')
  const spec = mapAt(raw, 'spec')
  const annotations = mapAt(metadata, 'annotations')
  const { namespace, name } = metadata
  const uid = staticUidIn(annotations) ?? metadata['uid']
  if (typeof uid !== 'string' || typeof namespace !== 'string' || typeof name !== 'string') {
    return undefined
  }
  if (!/^[-\w.]+$/.test(uid + namespace + name)) return undefined
  const phase = mapAt(raw, 'status')['phase']
  return {
    uid,
    namespace,
    name,
    labels: textsOf(metadata['labels']),
    hostNetwork: spec['hostNetwork'] === true,
    ended: phase === 'Succeeded' || phase === 'Failed',
    refusesCapture: annotations['ambient.istio.io/dns-capture'] === 'false',
    hasSidecar: annotations['sidecar.istio.io/status'] !== undefined,
    dns: readDns(spec),
  }
}

/**
 * A pod that a file of its node describes has a digest of that file as its uid there; what the cluster has is a mirror
 * (Kubernetes: static Pods). No other pod's uid looks like that, so that nobody takes another's place by the annotation.
 */
function staticUidIn(annotations: PlainMap): string | undefined {
  const uid = annotations['kubernetes.io/config.mirror']
  return typeof uid === 'string' && /^[0-9a-f]{32}$/.test(uid) ? uid : undefined
}

function readDns(spec: PlainMap): PodDns {
  const config = mapAt(spec, 'dnsConfig')
  const policy = spec['dnsPolicy']
  return {
    policy: typeof policy === 'string' ? policy : 'ClusterFirst',
    nameservers: wordsOf(config['nameservers']),
    searches: wordsOf(config['searches']),
    options: mapsAt(config, 'options').flatMap(({ name, value }) => {
      if (!isWord(name)) return []
      return [isWord(value) ? `${name}:${value}` : name]
    }),
  }
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isWord) : []
}

/** They become words of a line of resolv.conf. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s#;]+$/.test(value)
}
