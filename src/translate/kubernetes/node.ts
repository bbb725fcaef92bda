import type { NamespaceObject, NodeObject } from '../mesh-object.ts'
import { readTrafficDistribution } from '../traffic-distribution.ts'
import type { Unparsed } from '../unparsed.ts'

/** Kubernetes: Node. Only its labels count: where it is (topology.kubernetes.io). */
export function parseNode({ meta }: Unparsed): NodeObject {
  const { labels } = meta
  const parts = [
    labels.get('topology.kubernetes.io/region'),
    labels.get('topology.kubernetes.io/zone'),
    labels.get('topology.istio.io/subzone'),
  ]
  const locality = parts
    .map((part) => part ?? '')
    .join('/')
    .replace(/\/+$/, '')
  return { kind: 'Node', meta, ...(locality === '' ? {} : { locality }) }
}

/** Kubernetes: Namespace. Only its annotations count. */
export function parseNamespace({ meta, report }: Unparsed): NamespaceObject {
  const traffic = readTrafficDistribution(meta, report)
  return { kind: 'Namespace', meta, ...(traffic === undefined ? {} : { traffic }) }
}
