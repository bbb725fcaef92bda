import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { ClusterObject } from '../object.ts'
import type { WorkloadSettings } from '../workload-settings.ts'
import { controllerLabels, ownMetadata } from './metadata.ts'

/** Ports of the controller. */
export const controllerPorts = { discovery: 15_012, pages: 15_014, webhooks: 15_017 } as const

export function renderService(
  names: ClusterNames,
  { serviceAnnotations }: WorkloadSettings,
): ClusterObject {
  const port = (name: string, port: number, targetPort = port) => {
    return { name, port, targetPort, protocol: 'TCP' }
  }
  const hasAnnotations = Object.keys(serviceAnnotations).length > 0
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...ownMetadata(names, names.service),
      ...(hasAnnotations ? { annotations: serviceAnnotations } : {}),
    },
    spec: {
      selector: controllerLabels(names),
      ports: [
        { ...port('https-dns', controllerPorts.discovery), appProtocol: 'tls' },
        { ...port('https-webhook', 443, controllerPorts.webhooks), appProtocol: 'https' },
        port('http-monitoring', controllerPorts.pages),
      ],
    },
  }
}
