import { readDocuments } from '../documents/documents.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'

const istio = 'networking.istio.io/v1'

const apiVersions: Readonly<Record<string, string>> = {
  Service: 'v1',
  Pod: 'v1',
  Node: 'v1',
  Namespace: 'v1',
  ServiceImport: 'multicluster.x-k8s.io/v1alpha1',
  EndpointSlice: 'discovery.k8s.io/v1',
}

/** An object as it is written: `metadata` and everything beside it. */
export interface WrittenObject {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly creationTimestamp?: string
  }
  readonly [field: string]: unknown
}

/** The checked object. @throws {TypeError} when it is refused. */
export function meshObject(written: WrittenObject, file = 'test.json'): MeshObject {
  const text = JSON.stringify({ apiVersion: apiVersions[written.kind] ?? istio, ...written })
  const [document] = readDocuments(text, file).documents
  const { object, findings = [] } = document
    ? parseObject(document, { defaultNamespace: 'default' })
    : {}
  if (!object) throw new TypeError(`${text}: ${findings.map(({ message }) => message).join('; ')}`)
  return object
}
