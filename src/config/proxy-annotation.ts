import type { ObjectDocument } from '../documents/documents.ts'
import { type EmbeddedRead, readEmbedded, readInnerText } from '../documents/embedded.ts'
import type { Finding, ObjectReference } from '../documents/finding.ts'
import type { Path } from '../documents/path.ts'
import { Report } from '../documents/report.ts'
import { type Layer, layerOfDocument, valueAt } from './layer.ts'
import { noteUnused } from './message.ts'
import { checkProxyConfig } from './proxy-config.ts'

/** The annotation that holds a ProxyConfig for one workload, as YAML. */
export const proxyAnnotation = 'proxy.istio.io/config'

export interface ProxyLayerRead {
  /** Missing when there is nothing, or an error. */
  readonly layer?: Layer
  readonly findings: readonly Finding[]
}

/**
 * What the annotation says that stands among the `annotations` of an object. Never throws.
 *
 * Findings say the line of the object's file.
 */
export function readProxyAnnotation(
  document: ObjectDocument,
  annotations: Path,
  object?: ObjectReference,
): ProxyLayerRead {
  const path = [...annotations, proxyAnnotation]
  const text = valueAt(document.value, path)
  if (typeof text !== 'string') return { findings: [] }
  const about = object === undefined ? {} : { object }
  const read = readEmbedded(document, { path, text, ...about })
  return checkLayer('annotation', read, object)
}

/** What a text that holds a ProxyConfig says: a variable, or an annotation without its object. Never throws. */
export function readProxyText(
  text: string,
  { level, file }: { readonly level: string; readonly file: string },
): ProxyLayerRead {
  return checkLayer(level, readInnerText(text, file))
}

/** Says of YAML that is none what belongs there. */
function hinted(fault: Finding): Finding {
  if (fault.hint === undefined) return fault
  const hint =
    'Mend this text: it is a ProxyConfig in YAML, such as `concurrency: 2`, or `proxyMetadata:` with variables indented below it.'
  return { ...fault, hint }
}

function checkLayer(
  level: string,
  { document, findings: faults }: EmbeddedRead,
  object?: ObjectReference,
): ProxyLayerRead {
  if (!document) return { findings: faults.map(hinted) }
  const report = new Report(document, object)
  const unused: string[] = []
  checkProxyConfig(document.value, { report, path: [], unused })
  noteUnused({ report, unused })
  const { findings, failed } = report
  return failed ? { findings } : { layer: layerOfDocument(level, document), findings }
}
