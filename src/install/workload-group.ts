import { stringify } from 'yaml'

/** What a WorkloadGroup is made of. */
export interface WorkloadGroupWords {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Numbers by port name. */
  readonly ports: Readonly<Record<string, number>>
  readonly serviceAccount: string
}

/** A WorkloadGroup as YAML, as `istioctl x workload group create` prints it. */
export function renderWorkloadGroup(words: WorkloadGroupWords): string {
  const { name, namespace, labels, annotations, ports, serviceAccount } = words
  const group = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadGroup',
    metadata: { name, namespace },
    spec: {
      metadata: {
        ...(isEmpty(annotations) ? {} : { annotations }),
        ...(isEmpty(labels) ? {} : { labels }),
      },
      template: {
        ...(isEmpty(ports) ? {} : { ports }),
        ...(serviceAccount === '' ? {} : { serviceAccount }),
      },
    },
  }
  return stringify(group, { sortMapEntries: true, lineWidth: 0 })
}

function isEmpty(map: object): boolean {
  return Object.keys(map).length === 0
}
