import type { MeterSpec } from '../base/meters.ts'

export const nodePods: MeterSpec = {
  name: 'meshdns_node_pods',
  kind: 'gauge',
  help: 'Pods of this node that take part: served, or waiting for their network, or failed and to be tried again.',
  label: 'state',
}

export const nodePodFailures: MeterSpec = {
  name: 'meshdns_node_pod_failures_total',
  kind: 'counter',
  help: 'Times that a pod could not be served, by the code of the error.',
  label: 'reason',
}

export const nodeViews: MeterSpec = {
  name: 'meshdns_node_views',
  kind: 'gauge',
  help: 'Different views of the mesh that pods of this node have.',
}
