import type { Finding } from '../documents/finding.ts'
import { Report } from '../documents/report.ts'
import type { Service } from '../registry/service.ts'
import type {
  EndpointSlice,
  KubernetesService,
  MeshObject,
  Pod,
  ServiceEntry,
} from './mesh-object.ts'
import { serviceOfKubernetes } from './services/from-kubernetes-service.ts'
import { servicesOfEntry } from './services/from-service-entry.ts'
import { type KubernetesWorkloads, namespacedName } from './services/kubernetes-workloads.ts'
import { findProtocolConflicts } from './services/protocol-conflicts.ts'
import { dropDuplicates } from './services/unique-objects.ts'
import { type Workload, WorkloadIndex } from './services/workload-index.ts'
import type { TranslateOptions } from './translate-options.ts'

export interface Translated {
  readonly services: readonly Service[]
  readonly findings: readonly Finding[]
}

/** Turns all objects of the mesh into services, in the order of the objects and of their hosts. */
export function translate(objects: readonly MeshObject[], options: TranslateOptions): Translated {
  const unique = dropDuplicates(objects)
  const workloads = findWorkloads(unique.objects)
  const services: Service[] = []
  const findings = [...unique.findings]
  for (const object of unique.objects) {
    if (object.kind === 'ServiceEntry') {
      services.push(...servicesOfEntry(object, workloads.selectable, options))
    } else if (object.kind === 'Service') {
      const service = serviceOfKubernetes(object, workloads, options)
      if (service) services.push(service)
      else findings.push(...nameTooLong(object))
    }
  }
  findings.push(...findProtocolConflicts(unique.objects.filter(isServiceEntry)))
  return { services, findings }
}

function findWorkloads(objects: readonly MeshObject[]): KubernetesWorkloads {
  const slices = new Map<string, EndpointSlice[]>()
  const pods = new Map<string, Pod>()
  const selectable: Workload[] = []
  for (const object of objects) {
    const { namespace, name } = object.meta
    if (object.kind === 'EndpointSlice') {
      const key = namespacedName(namespace, object.service)
      const group = slices.get(key)
      if (group) group.push(object)
      else slices.set(key, [object])
    } else if (object.kind === 'Pod') {
      pods.set(namespacedName(namespace, name), object)
      selectable.push(object)
    } else if (object.kind === 'WorkloadEntry') selectable.push(object)
  }
  return { slices, pods, selectable: new WorkloadIndex(selectable) }
}

function isServiceEntry(object: MeshObject): object is ServiceEntry {
  return object.kind === 'ServiceEntry'
}

function nameTooLong({ meta }: KubernetesService): readonly Finding[] {
  const report = new Report(meta.document, meta.origin)
  report.error({
    code: 'HOST_NAME',
    path: ['metadata', 'name'],
    message: 'the name of this Service makes no valid host name',
    hint: 'Use a shorter name of lower-case letters, digits and inner hyphens.',
  })
  return report.findings
}
