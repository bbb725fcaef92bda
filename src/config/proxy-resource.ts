import type { ObjectDocument } from '../documents/documents.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import type { Layer } from './layer.ts'

/** Settings for the proxies of a namespace, or of some of its workloads (Istio: the object ProxyConfig). Immutable. */
export interface ProxyResource {
  readonly namespace: string
  readonly name: string
  /** Milliseconds since 1970; 0 when nobody said. */
  readonly createdAt: number
  /** Missing means the whole namespace; empty means nobody. */
  readonly selector?: ReadonlyMap<string, string>
  /** Says what a ProxyConfig message would say. */
  readonly layer: Layer
}

/**
 * The `spec` of a ProxyConfig object, in the words of the message: variables are `proxyMetadata`.
 *
 * The document says only where things stand: that of a cluster has no value.
 */
export function layerOfProxyResource(
  level: string,
  spec: unknown,
  document: Pick<ObjectDocument, 'file' | 'locate'>,
): Layer {
  const { file } = document
  const { environmentVariables, concurrency, image } = isPlainMap(spec) ? spec : {}
  return {
    level,
    value: { concurrency, image, proxyMetadata: environmentVariables },
    locate: ([first, ...rest]) => {
      const head = first === 'proxyMetadata' ? 'environmentVariables' : first
      const path = head === undefined ? ['spec'] : ['spec', head, ...rest]
      return { file, ...document.locate(path) }
    },
  }
}

/** Whose word counts where several objects say something for the same proxies: the oldest. */
export function oldestOf(resources: readonly ProxyResource[]): ProxyResource | undefined {
  return resources.toSorted((a, b) => a.createdAt - b.createdAt || compare(a.name, b.name))[0]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
