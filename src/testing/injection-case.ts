import assert from 'node:assert/strict'
import { valueAt } from '../config/layer.ts'
import { layerOfProxyResource, type ProxyResource } from '../config/proxy-resource.ts'
import { defaultMeshConfig, readMeshConfig } from '../config/read-mesh-config.ts'
import { type ObjectDocument, readDocuments } from '../documents/documents.ts'
import { isPlainMap, mapAt, textAt, textsOf } from '../documents/plain-map.ts'
import type { InjectionRequest } from '../inject/inject-pod.ts'
import { hasNativeSidecars } from '../inject/injection-mesh.ts'
import { readInjectorValues } from '../inject/injector-values.ts'

/**
 * What is asked of the injector, as objects of a file: a Pod, and as wanted its Namespace, the ConfigMaps `istio` and
 * `istio-sidecar-injector`, ProxyConfigs, and what `kubectl version` would say (`gitVersion`).
 */
export function readInjectionCase(text: string, file: string): InjectionRequest {
  const { documents } = readDocuments(text, file)
  const find = (kind: string, name?: string) =>
    documents.find(
      ({ value }) =>
        valueAt(value, ['kind']) === kind &&
        (name === undefined || valueAt(value, ['metadata', 'name']) === name),
    )
  const pod = find('Pod')?.value
  assert.ok(isPlainMap(pod))
  const mesh = textAt(mapAt(find('ConfigMap', 'istio')?.value, 'data'), 'mesh')
  const values = textAt(mapAt(find('ConfigMap', 'istio-sidecar-injector')?.value, 'data'), 'values')
  const namespace = find('Namespace')
  const labels = valueAt(namespace?.value, ['metadata', 'labels'])
  const read = readInjectorValues(values, file)
  assert.ok(read.values, JSON.stringify(read.findings))
  const version = documents.find(({ value }) => valueAt(value, ['gitVersion']) !== undefined)
  return {
    pod,
    namespace: textAt(mapAt(namespace?.value, 'metadata'), 'name') || 'shop',
    ...(namespace ? { namespaceLabels: new Map(Object.entries(textsOf(labels))) } : {}),
    mesh: {
      mesh: readMeshConfig(mesh, file).mesh ?? defaultMeshConfig,
      proxyResources: documents
        .filter(({ value }) => valueAt(value, ['kind']) === 'ProxyConfig')
        .map(proxyResourceOf),
      values: read.values,
      revision: read.values.revision ?? '',
      namespace: read.values.global?.istioNamespace ?? 'istio-system',
      version: '1.0.0',
      nativeSidecars: hasNativeSidecars(textAt(version?.value, 'gitVersion') || 'v1.36.3'),
    },
  }
}

function proxyResourceOf(document: ObjectDocument): ProxyResource {
  const metadata = mapAt(document.value, 'metadata')
  const namespace = textAt(metadata, 'namespace')
  const name = textAt(metadata, 'name')
  const selector = valueAt(document.value, ['spec', 'selector', 'matchLabels'])
  return {
    namespace,
    name,
    createdAt: 0,
    ...(selector === undefined ? {} : { selector: new Map(Object.entries(textsOf(selector))) }),
    layer: layerOfProxyResource(
      `proxy config ${namespace}/${name}`,
      valueAt(document.value, ['spec']),
      document,
    ),
  }
}
